// A stack for thousands of Jobs on two cores: a real etcd and control plane, KWOK's fake nodes instead of a kubelet, so
// that pods run nothing, and Temporal on PostgreSQL.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ResolvedBinary, resolveBinaries } from './binaries.ts';
import { type Component, startAndWait, stopRunning, waitReady } from './components.ts';
import { DevError } from './errors.ts';
import { areNodesReady, ensureFakeNodes, kwokComponent, writeKwokConfig } from './fake-nodes.ts';
import { removeTree } from './files.ts';
import {
  apiServerComponent,
  controllerManagerComponent,
  etcdComponent,
  hasDefaultServiceAccount,
  isApiServerReady,
  isControllerManagerReady,
  isEtcdReady,
  isSchedulerReady,
  schedulerComponent,
  writeControlPlaneConfig,
} from './native/control-plane.ts';
import { type Layout, layoutOf } from './native/layout.ts';
import { ensurePki } from './native/pki.ts';
import { portBaseOfSlot, portTable } from './ports.ts';
import { down } from './stack.ts';
import { claimSlot, locate, readState, type StackState } from './state.ts';
import { postgresData, postgresTemporalUp } from './temporal-postgres.ts';
import { TEMPORAL_NAMESPACE } from './temporal-server.ts';
import type { Log } from './types.ts';

export interface ScaleStack {
  name: string;
  stateDir: string;
  temporal: { address: string; namespace: string; cli: string };
  cluster: { kubeconfig: string; context: string; kubectl: string; serverCert: string; serverKey: string };
  nodes: number;
}

const BINARIES = [
  ...(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kwok'] as const),
  ...(['temporal', 'temporal-server', 'temporal-sql-tool'] as const),
];
type Binaries = Record<(typeof BINARIES)[number], ResolvedBinary>;

const NODES = 4;
const READY_TIMEOUT_MS = 120_000;
/** By default controllers make 20 to 50 calls a second, and the benchmark would measure that limit. */
const HIGH_RATE = ['--kube-api-qps', '2000', '--kube-api-burst', '4000'];

/** Starts the components that are not running, and returns when all are ready. */
export async function scaleUp({ name, log }: { name: string; log: Log }): Promise<ScaleStack> {
  const { stateDir } = locate({ name });
  const state = readState(stateDir) ?? (await newState(name, stateDir));
  if (state.stack !== undefined) {
    throw new DevError(`"${name}" is a stack with a kubelet: give this stack another name`);
  }
  const layout = layoutOf(stateDir, state);
  const binaries = await resolveBinaries(BINARIES, { log });
  mkdirSync(join(stateDir, 'log'), { recursive: true });
  await clusterUp(layout, binaries, log);
  const cli = binaries.temporal.path;
  await postgresTemporalUp(
    { stateDir, ports: state.ports },
    { server: binaries['temporal-server'].path, sqlTool: binaries['temporal-sql-tool'].path, cli },
  );
  log('✓ temporal on PostgreSQL started');
  return {
    name,
    stateDir,
    temporal: { address: `127.0.0.1:${state.ports.temporal}`, namespace: TEMPORAL_NAMESPACE, cli },
    cluster: {
      kubeconfig: layout.kubeconfig,
      context: layout.context,
      kubectl: binaries.kubectl.path,
      serverCert: layout.pki('server.crt'),
      serverKey: layout.pki('server.key'),
    },
    nodes: NODES,
  };
}

function newState(name: string, stateDir: string): Promise<StackState> {
  mkdirSync(stateDir, { recursive: true });
  chmodSync(stateDir, 0o700);
  return claimSlot(name, stateDir, async (slot) => {
    const portBase = portBaseOfSlot(slot);
    const ports = portTable(portBase);
    return { version: 1, name, slot, portBase, ports, cluster: 'native', temporalDbFile: false };
  });
}

async function clusterUp(layout: Layout, binaries: Binaries, log: Log): Promise<void> {
  await ensurePki(layout);
  writeControlPlaneConfig(layout);
  writeKwokConfig(layout);
  const begin = (component: Component, isReady: (layout: Layout) => Promise<boolean>, moreArgs: string[] = []) =>
    startAndWait(layout.stateDir, { ...component, args: [...component.args, ...moreArgs] }, () => isReady(layout), {
      timeoutMs: READY_TIMEOUT_MS,
      log,
    });
  const quota = ['--quota-backend-bytes', String(4 * 2 ** 30)];
  await begin(etcdComponent(layout, binaries.etcd.path), isEtcdReady, quota);
  await begin(apiServer(layout, binaries['kube-apiserver'].path), isApiServerReady);
  const manager = controllerManagerComponent(layout, binaries['kube-controller-manager'].path);
  const concurrency = ['--concurrent-job-syncs', '20', '--concurrent-gc-syncs', '20'];
  await begin(manager, isControllerManagerReady, [...HIGH_RATE, ...concurrency]);
  await begin(schedulerComponent(layout, binaries['kube-scheduler'].path), isSchedulerReady, HIGH_RATE);
  const kubectl = binaries.kubectl.path;
  await ensureFakeNodes(layout, kubectl, NODES);
  await begin(kwokComponent(layout, binaries.kwok.path), () => areNodesReady(layout, kubectl, NODES));
  const hasAccount = (): Promise<boolean> => hasDefaultServiceAccount(layout);
  await waitReady(layout.stateDir, 'kube-controller-manager', hasAccount, READY_TIMEOUT_MS);
}

/**
 * The API server without its audit log, which no benchmark reads. The log is written before each answer, so its cost
 * would be measured too.
 */
function apiServer(layout: Layout, command: string): Component {
  const component = apiServerComponent(layout, command);
  const isAudit = (arg: string | undefined) => arg?.startsWith('--audit-') === true;
  const args = component.args.filter(
    (arg, index, all) => !(isAudit(arg) || (isAudit(all[index - 1]) && !arg.startsWith('--'))),
  );
  return {
    ...component,
    args: [...args, '--max-requests-inflight', '2000', '--max-mutating-requests-inflight', '1000'],
  };
}

/** Stops the stack and removes everything that it created, except its logs. */
export async function scaleDown({ name, log }: { name: string; log: Log }): Promise<void> {
  const { stateDir } = locate({ name });
  const state = readState(stateDir);
  if (state === undefined) return;
  // SIGINT is PostgreSQL's fast shutdown, which does not wait for clients.
  await stopRunning(stateDir, 'temporal');
  await stopRunning(stateDir, 'postgres', 'SIGINT');
  await stopRunning(stateDir, 'kwok');
  await down({ name, log });
  for (const file of ['temporal', 'kwok.yaml', 'pod.log']) removeTree(join(stateDir, file));
  removeTree(postgresData(state.ports));
}
