// Processes of the machine: identifies them, finds those that a stack has started, and sends signals.
//
// A process is identified by its pid and its start time, because the system reuses pids. Each process that a stack
// starts also carries a mark in its environment, which its children inherit.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { DevError } from './errors.ts';
import { tryRun } from './exec.ts';
import { becomesTrue } from './poll.ts';

export interface ProcessIdentity {
  pid: number;
  startTime: string;
}

interface ProcessState {
  startTime: string;
  /** As `ps` prints it: `S`, `R`, `T` for a paused process, … */
  state: string;
}

/** The environment variable that carries the mark. */
export const PROCESS_MARK = 'PROCTOR_COMPONENT';
const STOP_TIMEOUT_MS = 15_000;
const KILL_TIMEOUT_MS = 10_000;

/** Start time and state of a live process; undefined if it is gone or a zombie. */
export async function inspectProcess(pid: number): Promise<ProcessState | undefined> {
  const found = process.platform === 'linux' ? inspectWithProc(pid) : await inspectWithPs(pid);
  return found && !/^[ZX]/.test(found.state) ? found : undefined;
}

/** Like {@link inspectProcess}, but for Linux only, and also for a zombie. */
export function inspectWithProc(pid: number): ProcessState | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name is in parentheses and may itself contain spaces and parentheses.
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

/**
 * Pids of all processes whose mark begins with this text, children included: containerd's shims carry containerd's
 * mark. Empty on systems other than Linux.
 */
export function markedProcesses(markPrefix: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        return environment.some((entry) => entry.startsWith(`${PROCESS_MARK}=${markPrefix}`));
      } catch {
        return false;
      }
    });
}

/** Whether a process runs this executable. Linux only. */
export function runsExecutable(pid: number, command: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '') === command;
  } catch {
    return false;
  }
}

/** Sends a signal. Does nothing if the process has ended. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has ended.
  }
}

/** Stops a process and waits until it is gone. Sends SIGKILL if it ignores the signal for 15 seconds. */
export async function stopProcess(identity: ProcessIdentity, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const isGone = async (): Promise<boolean> => (await inspectProcess(identity.pid))?.startTime !== identity.startTime;
  sendSignal(identity.pid, signal);
  // A paused process handles SIGTERM only after it continues.
  if (signal === 'SIGTERM') sendSignal(identity.pid, 'SIGCONT');
  if (await becomesTrue(isGone, STOP_TIMEOUT_MS, 50)) return;
  sendSignal(identity.pid, 'SIGKILL');
  if (!(await becomesTrue(isGone, KILL_TIMEOUT_MS, 50))) {
    throw new DevError(`process ${identity.pid} is still running after SIGKILL`);
  }
}

/** Pauses a process. @returns false if it does not pause within ten seconds. */
export async function pauseProcess(pid: number): Promise<boolean> {
  sendSignal(pid, 'SIGSTOP');
  // A process with many threads stops a moment after the signal.
  const isPaused = async (): Promise<boolean> => (await inspectProcess(pid))?.state.startsWith('T') ?? true;
  return becomesTrue(isPaused, KILL_TIMEOUT_MS, 10);
}
