import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { down, status, up } from '../../dev/stack.ts';
import { command, stack } from './harness.ts';

const run = promisify(execFile);
const NAME = 'beside';

/** What a native cluster leaves in the system while it is up: what `down` has to take away. */
async function systemState(): Promise<{ links: string[]; rules: string[]; mounts: string[]; namespaces: string[] }> {
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

/** A second stack, beside the one the tests run on, with a cluster of its own kind. */
it.runIf(stack.cluster.kind === 'native')(
  'two stacks side by side; the second comes up, stays as it is, and goes without a trace',
  { timeout: 300_000 },
  async () => {
    const said: string[] = [];
    const options = { name: NAME, cluster: 'native' as const, log: (line: string) => said.push(line) };
    await down({ name: NAME, purge: true, log: () => undefined });
    const before = await systemState();
    try {
      const other = await up(options);
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
    expect(await systemState()).toEqual(before);
    expect((await status({ name: NAME })).up).toBe(false);
    expect((await status({ name: stack.name })).up).toBe(true);
  },
);
