// A stack for large numbers, beside the ones of stack.ts: a real etcd and control plane without a kubelet, KWOK's fake nodes, and
// Temporal on PostgreSQL. Thousands of Jobs run on it on two cores; none of them does anything.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { resolveBinaries } from './binaries.ts';
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
import { type Component, ensureRunning, stopRunning, waitReady } from './components.ts';
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

const NODES = 4;
const READY_TIMEOUT_MS = 120_000;
/** The controllers' own limits (20 and 50 calls a second) would be what is measured. */
const FAST = ['--kube-api-qps', '2000', '--kube-api-burst', '4000'];

export async function scaleUp({ name, log }: { name: string; log: Log }): Promise<ScaleStack> {
  const { stateDir } = locate({ name });
  const state = readState(stateDir) ?? (await newState(name, stateDir));
  if (state.stack !== undefined)
    throw new DevError(`stack "${name}" is one with a kubelet: give this one another name`);
  const layout = layoutOf(stateDir, state);
  const binaries = await resolveBinaries(
    [
      ...(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kwok'] as const),
      ...(['temporal', 'temporal-server', 'temporal-sql-tool'] as const),
    ],
    { log },
  );
  mkdirSync(join(stateDir, 'log'), { recursive: true });
  await ensurePki(layout);
  writeControlPlaneConfig(layout);
  writeKwokConfig(layout);
  const begin = (component: Component, isReady: (layout: Layout) => Promise<boolean>, more: string[] = []) =>
    started(layout, { ...component, args: [...component.args, ...more] }, isReady, log);
  const quota = ['--quota-backend-bytes', String(4 * 2 ** 30)];
  await begin(etcdComponent(layout, binaries.etcd.path), isEtcdReady, quota);
  await begin(apiServer(layout, binaries['kube-apiserver'].path), isApiServerReady);
  const manager = [...FAST, '--concurrent-job-syncs', '20', '--concurrent-gc-syncs', '20'];
  await begin(
    controllerManagerComponent(layout, binaries['kube-controller-manager'].path),
    isControllerManagerReady,
    manager,
  );
  await begin(schedulerComponent(layout, binaries['kube-scheduler'].path), isSchedulerReady, FAST);
  const kubectl = binaries.kubectl.path;
  await ensureFakeNodes(layout, kubectl, NODES);
  await begin(kwokComponent(layout, binaries.kwok.path), () => areNodesReady(layout, kubectl, NODES));
  await waitReady(stateDir, 'kube-controller-manager', () => hasDefaultServiceAccount(layout), READY_TIMEOUT_MS);
  await postgresTemporalUp(
    { stateDir, ports: state.ports },
    {
      server: binaries['temporal-server'].path,
      sqlTool: binaries['temporal-sql-tool'].path,
      cli: binaries.temporal.path,
    },
  );
  log('✓ temporal on PostgreSQL started');
  return {
    name,
    stateDir,
    temporal: {
      address: `127.0.0.1:${state.ports.temporal}`,
      namespace: TEMPORAL_NAMESPACE,
      cli: binaries.temporal.path,
    },
    cluster: {
      kubeconfig: layout.kubeconfig,
      context: layout.context,
      kubectl,
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

/** Nobody counts Jobs in its audit log, and a log that is written before each answer would be measured along. */
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

async function started(layout: Layout, component: Component, isReady: (layout: Layout) => Promise<boolean>, log: Log) {
  const outcome = await ensureRunning(layout.stateDir, component);
  await waitReady(layout.stateDir, component.name, () => isReady(layout), READY_TIMEOUT_MS);
  log(`✓ ${component.name} ${outcome === 'kept' ? 'runs' : 'started'}`);
}

/** Takes all of it away again, but for its logs. */
export async function scaleDown({ name, log }: { name: string; log: Log }): Promise<void> {
  const { stateDir } = locate({ name });
  const state = readState(stateDir);
  if (state === undefined) return;
  // SIGINT is PostgreSQL's fast shutdown: it does not wait for its clients.
  await stopRunning(stateDir, 'temporal');
  await stopRunning(stateDir, 'postgres', 'SIGINT');
  await stopRunning(stateDir, 'kwok');
  await down({ name, log });
  for (const file of ['temporal', 'kwok.yaml', 'pod.log']) removeTree(join(stateDir, file));
  removeTree(postgresData(state.ports));
}
