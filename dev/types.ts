// What callers of the local stack see.
import type { Ports } from './ports.ts';

export type ClusterChoice = 'auto' | 'native' | 'docker' | { context: string };
export type Log = (line: string) => void;

export interface StackOptions {
  /** Which stack; two names give two stacks side by side. Default `proctor`. */
  name?: string;
  /** Where pid files, logs, keys and data live. Default `${XDG_STATE_HOME:-~/.local/state}/proctor/<name>`. */
  stateDir?: string;
  /** First port of the table in ports.ts. Default: derived from the stack's slot. */
  portBase?: number;
  /** Single ports that are to be others than the table says. */
  ports?: Partial<Ports>;
  cluster?: ClusterChoice;
  /** Where progress lines go. Default: standard error. */
  log?: Log;
  /** Keep Temporal's data in a file, so that it survives a restart of the server (five to ten times slower). */
  temporalDbFile?: boolean;
}

export interface Stack {
  name: string;
  stateDir: string;
  temporal: {
    address: string;
    namespace: string;
    uiUrl: string;
    /** Path of the `temporal` binary. */
    cli: string;
  };
  cluster: {
    kind: 'native' | 'docker' | 'context';
    kubeconfig: string;
    context: string;
    /** Path of the `kubectl` binary. */
    kubectl: string;
    /** The API server's audit log of Job creations and deletions (native clusters only). */
    auditLog?: string;
  };
  /** Reference of the example validators' image, as a catalog entry names it. */
  image: string;
}

export interface ComponentStatus {
  name: string;
  state: 'running' | 'paused' | 'stopped';
  pid?: number;
  log?: string;
}

export interface StackStatus {
  name: string;
  stateDir: string;
  up: boolean;
  components: ComponentStatus[];
  stack?: Stack;
}
