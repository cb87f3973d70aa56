// The cgroup of all pods of a stack: one folder on cgroup v2, one folder for each controller on v1.
import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { sendSignal } from '../os-process.ts';
import { becomesTrue } from '../poll.ts';
import { mountPoints } from './mounts.ts';

export function cgroupFolders(id: string): string[] {
  return mountPoints()
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ path }) => join(path, id));
}

/** The folder and all folders below it, deepest first. */
function folderTree(folder: string): string[] {
  try {
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...below.flatMap((entry) => folderTree(join(folder, entry.name))), folder];
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
  return [...new Set(cgroupFolders(id).flatMap(folderTree).flatMap(processesIn))];
}

/** Kills all containers of the pods. Nothing else runs in the stack's cgroup. */
export async function killPods(id: string, timeoutMs: number): Promise<void> {
  await becomesTrue(() => {
    const pids = allProcesses(id);
    for (const pid of pids) sendSignal(pid, 'SIGKILL');
    return pids.length === 0;
  }, timeoutMs);
}

export async function removeCgroups(id: string, timeoutMs: number): Promise<void> {
  // A cgroup is still busy for a moment after its last process has ended.
  await becomesTrue(() => {
    for (const folder of cgroupFolders(id).flatMap(folderTree)) {
      try {
        rmdirSync(folder);
      } catch {
        // The next poll tries again.
      }
    }
    return cgroupRemains(id).length === 0;
  }, timeoutMs);
}

export function cgroupRemains(id: string): string[] {
  return cgroupFolders(id).flatMap(folderTree);
}
