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

/** What a native cluster leaves in the system while it is up: what `down` has to take away. */
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

/** What is there now and was not before. The tests' own stack may meanwhile have lost a pod of an earlier test; that is no trace of ours. */
function added(before: SystemState, now: SystemState): SystemState {
  const more = (kind: keyof SystemState) => now[kind].filter((line) => !before[kind].includes(line));
  return { links: more('links'), rules: more('rules'), mounts: more('mounts'), namespaces: more('namespaces') };
}

/** A second stack, beside the one the tests run on, with a cluster of its own kind. */
it.runIf(stack.cluster.kind === 'native')(
  'two stacks side by side; the second comes up, stays as it is, and goes without a trace',
  { timeout: 600_000 },
  async () => {
    const said: string[] = [];
    const options = { name: NAME, cluster: 'native' as const, log: (line: string) => said.push(line) };
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
