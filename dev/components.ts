// Long-lived processes of a stack: started detached, recorded, recognised again, stopped.
//
// A pid alone proves nothing (it may have been given to another process), so the record holds the start time too, and every
// process carries a mark in its environment, by which one whose record was never finished is still found.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DevError } from './errors.ts';
import { indent, tryRun } from './exec.ts';
import { removeTree, tailOf, writeAtomically } from './files.ts';
import { becomesTrue } from './poll.ts';

/** The exact command line of one process of the stack. */
export interface Component {
  name: string;
  command: string;
  args: string[];
  cwd: string;
  env?: Record<string, string>;
  log: string;
}

interface Recorded extends Component {
  pid?: number;
  startTime?: string;
}

interface Identity {
  pid: number;
  startTime: string;
}

const MARK = 'PROCTOR_COMPONENT';
const STOP_TIMEOUT_MS = 15_000;
const KILL_TIMEOUT_MS = 10_000;

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

function readRecord(stateDir: string, name: string): Recorded | undefined {
  try {
    return JSON.parse(readFileSync(recordPath(stateDir, name), 'utf8')) as Recorded;
  } catch {
    return undefined;
  }
}

function writeRecord(stateDir: string, record: Recorded): void {
  writeAtomically(recordPath(stateDir, record.name), `${JSON.stringify(record, undefined, 2)}\n`, 0o600);
}

interface ProcessState {
  startTime: string;
  state: string;
}

/** Start time and state of a living process; undefined for one that is gone or only waits to be reaped. */
export async function inspectProcess(pid: number): Promise<ProcessState | undefined> {
  const found = process.platform === 'linux' ? inspectProc(pid) : await inspectWithPs(pid);
  return found && !/^[ZX]/.test(found.state) ? found : undefined;
}

function inspectProc(pid: number): ProcessState | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in parentheses, may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTime] = [fields[0], fields[19]];
    return state && startTime ? { state, startTime } : undefined;
  } catch {
    return undefined;
  }
}

async function inspectWithPs(pid: number): Promise<ProcessState | undefined> {
  const { stdout } = await tryRun('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
  const [state, ...started] = stdout.trim().split(/\s+/);
  return state ? { state, startTime: started.join(' ') } : undefined;
}

/** The running process of a component, if it is this stack's own. */
export async function findRunning(stateDir: string, name: string): Promise<(Identity & { state: string }) | undefined> {
  const record = readRecord(stateDir, name);
  if (!record) return undefined;
  if (record.pid !== undefined && record.startTime !== undefined) {
    const found = await inspectProcess(record.pid);
    return found?.startTime === record.startTime ? { pid: record.pid, ...found } : undefined;
  }
  // The starter was killed between the start and the note of it.
  for (const pid of markedProcesses(`${stateDir}#${name}`)) {
    const found = inspectProc(pid);
    if (!found || !isExecutableOf(pid, record.command)) continue;
    writeRecord(stateDir, { ...record, pid, startTime: found.startTime });
    return { pid, ...found };
  }
  return undefined;
}

/** Pids whose environment carries a mark that begins so (children inherit it: containerd's shims have containerd's). */
export function markedProcesses(markPrefix: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        return environment.some((entry) => entry.startsWith(`${MARK}=${markPrefix}`));
      } catch {
        return false;
      }
    });
}

function isExecutableOf(pid: number, command: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '') === command;
  } catch {
    return false;
  }
}

/** Starts a component unless it runs already with the same command line; one with another command line is restarted. */
export async function ensureRunning(stateDir: string, component: Component): Promise<'started' | 'kept'> {
  const running = await findRunning(stateDir, component.name);
  if (running) {
    if (sameCommand(readRecord(stateDir, component.name), component)) {
      // It may have been paused; for one that was not, this does nothing.
      sendSignal(running.pid, 'SIGCONT');
      return 'kept';
    }
    await stopRunning(stateDir, component.name);
  }
  await start(stateDir, component);
  return 'started';
}

function sameCommand(a: Component | undefined, b: Component): boolean {
  const essence = (c: Component): string => JSON.stringify([c.command, c.args, c.cwd, c.env ?? {}]);
  return a !== undefined && essence(a) === essence(b);
}

async function start(stateDir: string, component: Component): Promise<void> {
  mkdirSync(dirname(component.log), { recursive: true });
  // First without a pid: should this process be killed now, the mark finds the child.
  writeRecord(stateDir, component);
  const log = openSync(component.log, 'a');
  const child = spawn(component.command, component.args, {
    cwd: component.cwd,
    env: { ...process.env, ...component.env, [MARK]: `${stateDir}#${component.name}` },
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
  // Already gone: its log says why, and the wait for readiness will say so.
  writeRecord(stateDir, { ...component, pid: child.pid, startTime: found?.startTime ?? 'gone' });
}

/** Waits until a component answers; fails at once when its process ends, with the end of its log. */
export async function waitReady(
  stateDir: string,
  name: string,
  isReady: () => Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  let died = false;
  const ready = await becomesTrue(async () => {
    if (await isReady()) return true;
    died = (await findRunning(stateDir, name)) === undefined;
    return died;
  }, timeoutMs);
  if (ready && !died) return;
  const what = died ? 'ended right after its start' : `was not ready after ${Math.round(timeoutMs / 1000)} s`;
  throw componentError(stateDir, name, what);
}

function componentError(stateDir: string, name: string, what: string): DevError {
  const log = readRecord(stateDir, name)?.log ?? '';
  const tail = tailOf(log) || '(nothing)';
  return new DevError(`${name} ${what}. The end of its log, ${log}:\n${indent(tail)}`);
}

/** Stops a component with SIGTERM, then SIGKILL; a component that does not run is no error. Its record stays. */
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

/** Ends one process that is known by pid and start time. */
export async function stopProcess(identity: Identity, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const gone = async (): Promise<boolean> => (await inspectProcess(identity.pid))?.startTime !== identity.startTime;
  sendSignal(identity.pid, signal);
  // A paused process acts on SIGTERM only when it goes on.
  if (signal === 'SIGTERM') sendSignal(identity.pid, 'SIGCONT');
  if (await becomesTrue(gone, STOP_TIMEOUT_MS, 50)) return;
  sendSignal(identity.pid, 'SIGKILL');
  if (!(await becomesTrue(gone, KILL_TIMEOUT_MS, 50))) {
    throw new DevError(`process ${identity.pid} does not end, not even by SIGKILL`);
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}

export async function pauseRunning(stateDir: string, name: string): Promise<void> {
  const running = await findRunning(stateDir, name);
  if (!running) return;
  sendSignal(running.pid, 'SIGSTOP');
  // A process of many threads stops a moment after the signal.
  const isPaused = async (): Promise<boolean> => (await inspectProcess(running.pid))?.state.startsWith('T') ?? true;
  if (!(await becomesTrue(isPaused, KILL_TIMEOUT_MS, 10))) throw new DevError(`${name} does not pause`);
}

export function forgetComponents(stateDir: string): void {
  removeTree(join(stateDir, 'components'));
}
