// The types of the local stack's interface.
import type { Ports } from './ports.ts';

export type ClusterChoice = 'auto' | 'native' | 'docker' | { context: string };
export type Log = (line: string) => void;

export interface StackOptions {
  /** Name of the stack. Stacks with different names can run side by side. @default `proctor` */
  name?: string;
  /** Folder of records, logs, keys and data. @default `${XDG_STATE_HOME:-~/.local/state}/proctor/<name>` */
  stateDir?: string;
  /** First port of the table in ports.ts. @default derived from the stack's slot */
  portBase?: number;
  /** Ports that differ from the table. */
  ports?: Partial<Ports>;
  cluster?: ClusterChoice;
  /** Receives each line of progress. @default standard error */
  log?: Log;
  /** Keeps Temporal's data in a file, so that it survives a restart of the server. Five to ten times slower. */
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
  /** Reference of the example validators' image, for a catalog entry. */
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
