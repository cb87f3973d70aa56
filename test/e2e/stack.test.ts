import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { down, status, up } from '../../dev/stack.ts';
import { command, stack } from './harness.ts';

const run = promisify(execFile);
const NAME = 'beside';

interface SystemState {
  links: string[];
  rules: string[];
  mounts: string[];
  namespaces: string[];
}

/** What a native cluster adds to the system while it is up, and `down` has to remove. */
async function systemState(): Promise<SystemState> {
  const lines = async (file: string, ...args: string[]) =>
    (await run(file, args)).stdout.split('\n').filter((line) => line !== '');
  return {
    links: (await lines('ip', '-o', 'link')).map((line) => line.split(/[:@]\s*/)[1] ?? '').sort(),
    rules: (await lines('iptables-save')).filter((line) => line.startsWith('-A')).sort(),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .sort(),
    namespaces: await lines('ip', 'netns', 'list'),
  };
}

/**
 * What was added since `before`. What has gone since does not matter: the tests' own stack may meanwhile have lost a
 * pod of an earlier test.
 */
function added(before: SystemState, now: SystemState): SystemState {
  const more = (kind: keyof SystemState) => now[kind].filter((line) => !before[kind].includes(line));
  return { links: more('links'), rules: more('rules'), mounts: more('mounts'), namespaces: more('namespaces') };
}

/** Runs a second, native stack beside the one that the tests use. */
it.runIf(stack.cluster.kind === 'native')(
  'a second stack comes up beside the first, stays as it is on a second `up`, and leaves no trace after `down`',
  { timeout: 600_000 },
  async () => {
    const options = { name: NAME, cluster: 'native' as const, log: () => undefined };
    await down({ name: NAME, purge: true, log: () => undefined });
    const before = await systemState();
    try {
      const other = await up(options);
      expect(added(before, await systemState()).links).not.toEqual([]);
      expect(other.temporal.address).not.toBe(stack.temporal.address);
      expect(other.cluster.kubeconfig).not.toBe(stack.cluster.kubeconfig);
      const pids = async () =>
        (await status({ name: NAME })).components.map(({ name, state, pid }) => `${name} ${state} ${pid}`);
      const first = await pids();
      expect(first.every((line) => line.includes(' running '))).toBe(true);

      expect(await up(options)).toEqual(other);
      expect(await pids()).toEqual(first);

      const node = async (kubeconfig: string) =>
        (await command(stack.cluster.kubectl, ['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'name'])).trim();
      expect(await node(other.cluster.kubeconfig)).not.toBe(await node(stack.cluster.kubeconfig));
    } finally {
      await down({ name: NAME, purge: true, log: () => undefined });
    }
    expect(added(before, await systemState())).toEqual({ links: [], rules: [], mounts: [], namespaces: [] });
    expect((await status({ name: NAME })).up).toBe(false);
    expect((await status({ name: stack.name })).up).toBe(true);
  },
);
