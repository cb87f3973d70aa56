// The long-lived processes of a stack. Each is started detached and recorded in the state directory, so that a later
// command recognises it, restarts it or stops it.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DevError } from './errors.ts';
import { indent } from './exec.ts';
import { removeTree, tailOf, writeAtomically } from './files.ts';
import {
  inspectProcess,
  inspectWithProc,
  markedProcesses,
  PROCESS_MARK,
  type ProcessIdentity,
  pauseProcess,
  runsExecutable,
  sendSignal,
  stopProcess,
} from './os-process.ts';
import { becomesTrue } from './poll.ts';
import type { Log } from './types.ts';

/** The exact command line of one process of a stack. */
export interface Component {
  name: string;
  command: string;
  args: string[];
  cwd: string;
  env?: Record<string, string>;
  /** Path of its log. */
  log: string;
}

/** The record of a component in the state directory. It has no pid if the starting command was killed meanwhile. */
interface ComponentRecord extends Component {
  pid?: number;
  startTime?: string;
}

function recordPath(stateDir: string, name: string): string {
  return join(stateDir, 'components', `${name}.json`);
}

export function recordedComponents(stateDir: string): string[] {
  try {
    return readdirSync(join(stateDir, 'components'))
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .sort();
  } catch {
    return [];
  }
}

export function readComponent(stateDir: string, name: string): Component | undefined {
  return readRecord(stateDir, name);
}

function readRecord(stateDir: string, name: string): ComponentRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordPath(stateDir, name), 'utf8')) as ComponentRecord;
  } catch {
    return undefined;
  }
}

function writeRecord(stateDir: string, record: ComponentRecord): void {
  writeAtomically(recordPath(stateDir, record.name), `${JSON.stringify(record, undefined, 2)}\n`, 0o600);
}

function markOf(stateDir: string, name: string): string {
  return `${stateDir}#${name}`;
}

/** The process of a component; undefined if it is not running, or if its pid now belongs to another process. */
export async function findRunning(
  stateDir: string,
  name: string,
): Promise<(ProcessIdentity & { state: string }) | undefined> {
  const record = readRecord(stateDir, name);
  if (!record) return undefined;
  if (record.pid !== undefined && record.startTime !== undefined) {
    const found = await inspectProcess(record.pid);
    return found?.startTime === record.startTime ? { pid: record.pid, ...found } : undefined;
  }
  // The command that started it was killed before it recorded the pid.
  for (const pid of markedProcesses(markOf(stateDir, name))) {
    const found = inspectWithProc(pid);
    if (!found || !runsExecutable(pid, record.command)) continue;
    writeRecord(stateDir, { ...record, pid, startTime: found.startTime });
    return { pid, ...found };
  }
  return undefined;
}

/**
 * Starts a component unless it is running with the same command line. Restarts it if it is running with another one,
 * and continues it if it is paused.
 */
export async function ensureRunning(stateDir: string, component: Component): Promise<'started' | 'kept'> {
  const running = await findRunning(stateDir, component.name);
  if (running) {
    if (sameCommand(readRecord(stateDir, component.name), component)) {
      sendSignal(running.pid, 'SIGCONT');
      return 'kept';
    }
    await stopRunning(stateDir, component.name);
  }
  await start(stateDir, component);
  return 'started';
}

function sameCommand(a: Component | undefined, b: Component): boolean {
  const commandOf = (c: Component): string => JSON.stringify([c.command, c.args, c.cwd, c.env ?? {}]);
  return a !== undefined && commandOf(a) === commandOf(b);
}

async function start(stateDir: string, component: Component): Promise<void> {
  mkdirSync(dirname(component.log), { recursive: true });
  // First recorded without a pid: if this process is killed now, the child is found by its mark.
  writeRecord(stateDir, component);
  const log = openSync(component.log, 'a');
  const child = spawn(component.command, component.args, {
    cwd: component.cwd,
    env: { ...process.env, ...component.env, [PROCESS_MARK]: markOf(stateDir, component.name) },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const failure = await new Promise<Error | undefined>((resolve) => {
    child.once('spawn', () => resolve(undefined));
    child.once('error', resolve);
  });
  if (failure || child.pid === undefined) {
    throw new DevError(`${component.name} cannot be started: ${failure?.message ?? 'no process'}`);
  }
  child.unref();
  const found = await inspectProcess(child.pid);
  // If the process is already gone, the wait for its readiness fails with the end of its log.
  writeRecord(stateDir, { ...component, pid: child.pid, startTime: found?.startTime ?? 'gone' });
}

/**
 * Waits until a component is ready.
 * @throws DevError with the end of the component's log, at once if its process ends.
 */
export async function waitReady(
  stateDir: string,
  name: string,
  isReady: () => Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  let ended = false;
  const ready = await becomesTrue(async () => {
    if (await isReady()) return true;
    ended = (await findRunning(stateDir, name)) === undefined;
    return ended;
  }, timeoutMs);
  if (ready && !ended) return;
  const what = ended ? 'ended right after its start' : `was not ready after ${Math.round(timeoutMs / 1000)} s`;
  const log = readRecord(stateDir, name)?.log ?? '';
  throw new DevError(`${name} ${what}. The end of its log, ${log}:\n${indent(tailOf(log) || '(nothing)')}`);
}

/** Starts a component as {@link ensureRunning} does, waits until it is ready, and logs that. */
export async function startAndWait(
  stateDir: string,
  component: Component,
  isReady: () => Promise<boolean>,
  { timeoutMs, log }: { timeoutMs: number; log: Log },
): Promise<void> {
  const outcome = await ensureRunning(stateDir, component);
  await waitReady(stateDir, component.name, isReady, timeoutMs);
  log(`✓ ${component.name} ${outcome === 'kept' ? 'is running' : 'started'}`);
}

/**
 * Stops a component with a signal, then with SIGKILL. Its record stays.
 * @returns false if it was not running.
 */
export async function stopRunning(
  stateDir: string,
  name: string,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<boolean> {
  const running = await findRunning(stateDir, name);
  if (!running) return false;
  await stopProcess(running, signal);
  return true;
}

export async function pauseRunning(stateDir: string, name: string): Promise<void> {
  const running = await findRunning(stateDir, name);
  if (running && !(await pauseProcess(running.pid))) throw new DevError(`${name} does not pause`);
}

export function forgetComponents(stateDir: string): void {
  removeTree(join(stateDir, 'components'));
}
