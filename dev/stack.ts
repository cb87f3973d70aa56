// The local stack: a Temporal server and a cluster that start and stop together.
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { resolveBinaries } from './binaries.ts';
import { contextUp } from './cluster-context.ts';
import { dockerState, dockerUp, isDockerRunning, removeDocker } from './cluster-docker.ts';
import { isNativeComponent, NATIVE_COMPONENTS, nativeUp, waitForNative, whyNotNative } from './cluster-native.ts';
import {
  ensureRunning,
  findRunning,
  forgetComponents,
  pauseRunning,
  readComponent,
  recordedComponents,
  stopRunning,
} from './components.ts';
import { DevError } from './errors.ts';
import { indent } from './exec.ts';
import { removeTree } from './files.ts';
import { withLock } from './lock.ts';
import { layoutOf } from './native/layout.ts';
import { nativeRemains, removeNative } from './native/remove.ts';
import { isPortFree, type PortName, portBaseOfSlot, portTable, TEMPORAL_USUAL_PORTS, takenPorts } from './ports.ts';
import { VALIDATORS_IMAGE } from './stack-images.ts';
import { claimSlot, locate, readState, releaseSlot, type StackState, writeState } from './state.ts';
import { TEMPORAL_NAMESPACE, temporalComponent, waitForTemporal } from './temporal-server.ts';
import type { ComponentStatus, Log, Stack, StackOptions, StackStatus } from './types.ts';

export type { Stack, StackOptions, StackStatus } from './types.ts';

const toStandardError: Log = (line) => console.error(line);

/** Starts the components that are not running, and returns when all are ready. */
export async function up(options: StackOptions = {}): Promise<Stack> {
  const log = options.log ?? toStandardError;
  const { name, stateDir } = locate(options);
  return withStackLock(stateDir, log, async () => {
    const state = startedState(stateDir) ?? (await newState(name, stateDir, options, log));
    refuseChange(state, options);
    await refuseTakenPorts(stateDir, state);
    const { temporal } = await resolveBinaries(['temporal'], { log });
    mkdirSync(join(stateDir, 'log'), { recursive: true });
    const server = temporalComponent(stateDir, state.ports, temporal.path, state.temporalDbFile);
    const outcome = await ensureRunning(stateDir, server);
    const cluster = await clusterUp(stateDir, state, log);
    await waitForTemporal(stateDir, state.ports, temporal.path);
    log(`✓ temporal ${outcome === 'kept' ? 'is running' : 'started'}`);
    const stack: Stack = {
      name,
      stateDir,
      temporal: {
        address: `127.0.0.1:${state.ports.temporal}`,
        namespace: TEMPORAL_NAMESPACE,
        uiUrl: `http://127.0.0.1:${state.ports.temporalUi}`,
        cli: temporal.path,
      },
      cluster,
      image: imageFor(cluster),
    };
    writeState(stateDir, { ...state, stack });
    return stack;
  });
}

/** The state of a stack if any of its components was ever started. Until then, its options may change. */
function startedState(stateDir: string): StackState | undefined {
  return recordedComponents(stateDir).length > 0 ? readState(stateDir) : undefined;
}

/** Commands on the same stack run one at a time. */
function withStackLock<T>(stateDir: string, log: Log, work: () => Promise<T>): Promise<T> {
  return withLock(`stack ${stateDir}`, work, () => log(`  waiting for another command on ${stateDir}`));
}

function imageFor(cluster: Stack['cluster']): string {
  return (cluster.kind === 'context' && process.env.PROCTOR_VALIDATORS_IMAGE) || VALIDATORS_IMAGE;
}

async function newState(name: string, stateDir: string, options: StackOptions, log: Log): Promise<StackState> {
  const cluster = await chooseCluster(options.cluster ?? 'auto');
  prepareStateDir(stateDir);
  return claimSlot(name, stateDir, async (slot) => {
    const wanted = portBaseOf(options);
    const portBase = wanted ?? portBaseOfSlot(slot);
    const usual = slot === 0 && wanted === undefined ? await usualTemporalPorts(log) : {};
    const ports = { ...portTable(portBase), ...usual, ...options.ports };
    return { version: 1, name, slot, portBase, ports, cluster, temporalDbFile: options.temporalDbFile ?? false };
  });
}

function portBaseOf(options: StackOptions): number | undefined {
  const given = options.portBase ?? Number(process.env.PROCTOR_PORT_BASE || Number.NaN);
  return Number.isInteger(given) ? given : undefined;
}

/** Prepares the folder of the stack. It must contain nothing else, since `down` removes what the stack puts there. */
function prepareStateDir(stateDir: string): void {
  mkdirSync(stateDir, { recursive: true });
  const foreign = readdirSync(stateDir).filter((entry) => !/^(log|components|stack\.json.*)$/.test(entry));
  if (foreign.length > 0) {
    throw new DevError(`${stateDir} contains other files (${foreign.slice(0, 5).join(', ')}): name an empty folder`);
  }
  // The folder will contain private keys.
  chmodSync(stateDir, 0o700);
  removeTree(join(stateDir, 'log'));
}

async function usualTemporalPorts(log: Log): Promise<Partial<typeof TEMPORAL_USUAL_PORTS>> {
  const { temporal, temporalUi } = TEMPORAL_USUAL_PORTS;
  if ((await isPortFree(temporal)) && (await isPortFree(temporalUi))) return TEMPORAL_USUAL_PORTS;
  log(`  port ${temporal} or ${temporalUi} is taken, so Temporal gets other ports`);
  return {};
}

async function chooseCluster(choice: NonNullable<StackOptions['cluster']>): Promise<StackState['cluster']> {
  if (choice !== 'auto') return choice;
  if (await isDockerRunning()) return 'docker';
  const why = whyNotNative();
  if (!why) return 'native';
  throw new DevError(
    `No cluster can be started here: no Docker engine is running, and ${why}.\n` +
      'Start a Docker engine, or name a cluster of your kubeconfig with --context, or run this as root on Debian or similar.',
  );
}

/** @throws DevError if the options differ from those that a running stack was started with. */
function refuseChange(state: StackState, options: StackOptions): void {
  const portBase = portBaseOf(options);
  const otherPorts = Object.entries(state.ports).filter(([name, port]) => {
    const wanted = options.ports?.[name as PortName];
    return wanted !== undefined && wanted !== port;
  });
  const changes = [
    locate(options).name !== state.name && 'it uses the state directory that you name',
    portBase !== undefined && portBase !== state.portBase && `its first port is ${state.portBase}`,
    otherPorts.length > 0 && `it uses other ports (${otherPorts.map((entry) => entry.join(' ')).join(', ')})`,
    options.cluster !== undefined &&
      options.cluster !== 'auto' &&
      JSON.stringify(options.cluster) !== JSON.stringify(state.cluster) &&
      `its cluster is ${JSON.stringify(state.cluster)}`,
    options.temporalDbFile !== undefined &&
      options.temporalDbFile !== state.temporalDbFile &&
      `Temporal's data is ${state.temporalDbFile ? 'in a file' : 'in memory'}`,
  ].filter((change) => typeof change === 'string');
  if (changes.length > 0) {
    throw new DevError(`stack "${state.name}" already exists, and ${changes.join(', and ')}: take it down first.`);
  }
}

const PORTS_OF: Record<string, PortName[]> = {
  temporal: ['temporal', 'temporalUi', 'temporalHttp', 'temporalMetrics'],
  etcd: ['etcd', 'etcdPeer'],
  'kube-apiserver': ['apiServer'],
  'kube-controller-manager': ['controllerManager'],
  'kube-scheduler': ['scheduler'],
  kubelet: ['kubelet', 'kubeletHealth'],
};

function componentsOf(state: StackState): string[] {
  return state.cluster === 'native' ? [...NATIVE_COMPONENTS, 'temporal'] : ['temporal'];
}

async function refuseTakenPorts(stateDir: string, state: StackState): Promise<void> {
  const wanted: Array<{ port: number; what: string }> = [];
  for (const name of componentsOf(state)) {
    if (await findRunning(stateDir, name)) continue;
    for (const port of PORTS_OF[name] ?? []) wanted.push({ port: state.ports[port], what: name });
  }
  const taken = await takenPorts(wanted);
  if (taken.length > 0) {
    throw new DevError(
      `${taken.join('\n')}\nStop that process, or take this stack down and give it other ports with --port-base.`,
    );
  }
}

function clusterUp(stateDir: string, state: StackState, log: Log): Promise<Stack['cluster']> {
  if (state.cluster === 'native') return nativeUp(stateDir, state, log);
  if (state.cluster === 'docker') return dockerUp(stateDir, state, log);
  return contextUp(stateDir, state.cluster.context, log);
}

/** The stack as the last successful `up` described it, even if it is no longer running. */
export function stackFromState(options: StackOptions = {}): Stack | undefined {
  return readState(locate(options).stateDir)?.stack;
}

export async function status(options: StackOptions = {}): Promise<StackStatus> {
  const { name, stateDir } = locate(options);
  const state = readState(stateDir);
  if (!state) return { name, stateDir, up: false, components: [] };
  const components = await Promise.all(componentsOf(state).map((component) => componentStatus(stateDir, component)));
  if (state.cluster === 'docker') components.push({ name: 'k3s', state: await dockerState(name) });
  const isUp = state.stack !== undefined && components.every((component) => component.state === 'running');
  return { name, stateDir, up: isUp, components, ...(state.stack ? { stack: state.stack } : {}) };
}

async function componentStatus(stateDir: string, name: string): Promise<ComponentStatus> {
  const running = await findRunning(stateDir, name);
  const log = readComponent(stateDir, name)?.log;
  const known = log === undefined ? { name } : { name, log };
  if (!running) return { ...known, state: 'stopped' };
  return { ...known, state: running.state.startsWith('T') ? 'paused' : 'running', pid: running.pid };
}

export interface DownOptions extends StackOptions {
  /** Removes the logs and the state directory too. */
  purge?: boolean;
}

/** Stops the stack and removes everything that it created on the machine, except its logs. */
export async function down(options: DownOptions = {}): Promise<void> {
  const log = options.log ?? toStandardError;
  const { name, stateDir } = locate(options);
  await withStackLock(stateDir, log, async () => {
    const state = readState(stateDir);
    if (state) await removeStack(stateDir, state);
    if (options.purge) purge(stateDir);
    const logs = options.purge ? '' : `; its logs are in ${join(stateDir, 'log')}`;
    log(state ? `✓ stack "${name}" is down${logs}` : `  there is no stack "${name}"`);
  });
}

const OWN_FILES = ['temporal.db', 'temporal.db-shm', 'temporal.db-wal', 'kubeconfig', 'busybox'];

function purge(stateDir: string): void {
  removeTree(join(stateDir, 'log'));
  if (existsSync(stateDir) && readdirSync(stateDir).length === 0) removeTree(stateDir);
}

async function removeStack(stateDir: string, state: StackState): Promise<void> {
  const [remains] = await Promise.all([removeCluster(stateDir, state), stopRunning(stateDir, 'temporal')]);
  if (state.cluster === 'native') remains.push(...(await nativeRemains(layoutOf(stateDir, state))));
  if (remains.length > 0) throw new DevError(`could not remove:\n${indent(remains.join('\n'))}`);
  for (const file of OWN_FILES) removeTree(join(stateDir, file));
  forgetComponents(stateDir);
  await releaseSlot(stateDir);
}

async function removeCluster(stateDir: string, state: StackState): Promise<string[]> {
  if (state.cluster === 'native') await removeNative(layoutOf(stateDir, state));
  return state.cluster === 'docker' ? removeDocker(state.name) : [];
}

export type ComponentName = 'temporal' | (typeof NATIVE_COMPONENTS)[number];

/** Stops one process of a stack and waits until it is gone. SIGSTOP pauses it instead. */
export async function stopComponent(
  stack: Stack,
  name: ComponentName,
  signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' = 'SIGTERM',
): Promise<void> {
  if (signal === 'SIGSTOP') await pauseRunning(stack.stateDir, name);
  else await stopRunning(stack.stateDir, name, signal);
}

/** Starts a stopped process again with the same command line, or continues a paused one. Waits until it is ready. */
export async function startComponent(stack: Stack, name: ComponentName): Promise<void> {
  const { stateDir } = stack;
  const component = readComponent(stateDir, name);
  const state = readState(stateDir);
  if (!component || !state) throw new DevError(`stack "${stack.name}" has no component ${name}`);
  await ensureRunning(stateDir, component);
  if (isNativeComponent(name)) await waitForNative(stateDir, state, name);
  else await waitForTemporal(stateDir, state.ports, stack.temporal.cli);
}
