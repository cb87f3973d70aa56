// The mounts below a stack's folders.
import { readFileSync } from 'node:fs';
import { findCommand, tryRun } from '../exec.ts';

export interface Mount {
  path: string;
  type: string;
}

export function mountPoints(): Mount[] {
  return parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8'));
}

export function parseMountInfo(text: string): Mount[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const fields = line.split(' ');
      const path = (fields[4] ?? '').replace(/\\(\d{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      );
      return { path, type: fields[fields.indexOf('-') + 1] ?? '' };
    });
}

export function mountsUnder(folders: string[]): string[] {
  return mountPoints()
    .map(({ path }) => path)
    .filter((path) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`)));
}

export async function unmountAll(folders: string[]): Promise<void> {
  // The last mount first, because it may be inside an earlier one.
  for (const path of mountsUnder(folders).reverse()) {
    const umount = findCommand('umount') ?? 'umount';
    if ((await tryRun(umount, [path])).code !== 0) await tryRun(umount, ['--lazy', path]);
  }
}
