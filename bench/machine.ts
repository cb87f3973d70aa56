import { availableParallelism, cpus, loadavg, totalmem, version } from 'node:os';
import { tryRun } from '../dev/exec.ts';
import { ROOT, round } from './figures.ts';

export interface Machine {
  time: string;
  commit: string;
  cores: number;
  cpu: string;
  memoryGiB: number;
  node: string;
  kernel: string;
  /** Load average of the minute before the benchmark, caused by other programs on the machine. */
  loadBefore: number;
  loadAfter?: number;
}

export async function describeMachine(): Promise<Machine> {
  const { stdout } = await tryRun('git', ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'], {
    cwd: ROOT,
  });
  return {
    time: new Date().toISOString(),
    commit: stdout.trim(),
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: round(totalmem() / 2 ** 30, 1),
    node: process.version,
    kernel: version(),
    loadBefore: load(),
  };
}

/** Load average of the last minute. */
export function load(): number {
  return round(loadavg()[0] ?? Number.NaN);
}
