// The cgroup under which all pods of a stack run: one folder on cgroup v2, one for each controller on v1.
import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { becomesTrue } from '../poll.ts';
import { mountPoints } from './mounts.ts';

export function cgroupFolders(id: string): string[] {
  return mountPoints()
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ path }) => join(path, id));
}

/** The folder and all below it, deepest first. */
function tree(folder: string): string[] {
  try {
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...below.flatMap((entry) => tree(join(folder, entry.name))), folder];
  } catch {
    return [];
  }
}

function processesIn(folder: string): number[] {
  try {
    return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function allProcesses(id: string): number[] {
  return [...new Set(cgroupFolders(id).flatMap(tree).flatMap(processesIn))];
}

/** Ends what runs in the pods: every process in the stack's cgroup is one of its containers'. */
export async function killPods(id: string, timeoutMs: number): Promise<void> {
  await becomesTrue(() => {
    const pids = allProcesses(id);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself meanwhile.
      }
    }
    return pids.length === 0;
  }, timeoutMs);
}

export async function removeCgroups(id: string, timeoutMs: number): Promise<void> {
  // A cgroup whose last process has just ended is busy for a moment.
  await becomesTrue(() => {
    for (const folder of cgroupFolders(id).flatMap(tree)) {
      try {
        rmdirSync(folder);
      } catch {
        // Tried again.
      }
    }
    return cgroupRemains(id).length === 0;
  }, timeoutMs);
}

export function cgroupRemains(id: string): string[] {
  return cgroupFolders(id).flatMap(tree);
}
