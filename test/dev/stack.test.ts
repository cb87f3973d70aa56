import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withLock } from '../../dev/lock.ts';
import { layoutOf } from '../../dev/native/layout.ts';
import { parseMountInfo } from '../../dev/native/mounts.ts';
import { parseRules } from '../../dev/native/network.ts';
import { until } from '../../dev/poll.ts';
import { isPortFree, PORTS_PER_STACK, portBaseOfSlot, portTable, takenPorts } from '../../dev/ports.ts';
import { status } from '../../dev/stack.ts';
import { claimSlot, locate, readState, releaseSlot, SLOTS, type StackState } from '../../dev/state.ts';

describe('ports', () => {
  it('gives no port twice, within a stack or to two stacks', () => {
    const all = [...Array(SLOTS).keys()].flatMap((slot) => Object.values(portTable(portBaseOfSlot(slot))));
    expect(new Set(all).size).toBe(all.length);
    const offsets = Object.values(portTable(0));
    expect(Math.max(...offsets)).toBeLessThan(PORTS_PER_STACK);
    // Below the range that the kernel uses for outgoing connections.
    expect(Math.max(...all)).toBeLessThan(30_000);
  });

  it('names a taken port and what it is needed for', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    expect(await isPortFree(port)).toBe(false);
    const lines = await takenPorts([{ port, what: 'etcd' }]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`port ${port} (etcd) is taken by`);
    await new Promise((resolve) => server.close(resolve));
    // An outgoing connection of another process may use the port for a moment.
    await until('the port is free', async () => (await takenPorts([{ port, what: 'etcd' }])).length === 0);
  });
});

describe('a native layout', () => {
  const layouts = [0, 1, SLOTS - 1].map((slot) =>
    layoutOf(`/state/${slot}`, { name: `stack-${slot}`, slot, ports: portTable(portBaseOfSlot(slot)) }),
  );

  it('shares no name, path or address with that of another stack', () => {
    for (const key of [
      'id',
      'runDir',
      'containerdSocket',
      'nodeName',
      'podSubnet',
      'serviceSubnet',
      'serviceIp',
    ] as const) {
      expect(new Set(layouts.map((layout) => layout[key])).size).toBe(layouts.length);
    }
    const subnets = layouts.flatMap((layout) => [layout.podSubnet, layout.serviceSubnet]);
    expect(new Set(subnets).size).toBe(subnets.length);
  });

  it('keeps names and paths within the limits of the kernel', () => {
    for (const layout of layouts) {
      expect(layout.id.length).toBeLessThanOrEqual(15);
      expect(layout.containerdSocket.length).toBeLessThan(100);
    }
  });
});

describe('the traces of a stack on the machine', () => {
  it('recognises the iptables rules of a stack by its mark', () => {
    const saved = [
      '*nat',
      ':PREROUTING ACCEPT [0:0]',
      '-A PREROUTING -d 10.176.0.1/32 -p tcp -m tcp --dport 443 -m comment --comment proctor1 -j DNAT --to-destination 10.160.0.1:1',
      '-A PREROUTING -m comment --comment proctor10 -j ACCEPT',
      'COMMIT',
      '*filter',
      '-A FORWARD -i proctor1 -j ACCEPT',
      '-A FORWARD -i proctor1 -m comment --comment proctor1 -j ACCEPT',
    ].join('\n');
    const rules = parseRules(saved, 'proctor1');
    expect(rules.map(({ table, rule }) => `${table} ${rule[0]}`)).toEqual(['nat PREROUTING', 'filter FORWARD']);
  });

  it('reads mounts whose paths contain escaped characters', () => {
    const text =
      '36 25 0:32 / /run/a\\040b rw shared:5 - tmpfs none rw\n37 25 0:33 / /sys/fs/cgroup rw - cgroup2 none rw\n';
    expect(parseMountInfo(text)).toEqual([
      { path: '/run/a b', type: 'tmpfs' },
      { path: '/sys/fs/cgroup', type: 'cgroup2' },
    ]);
  });
});

describe('slots', () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'proctor-slots-'));
    vi.stubEnv('XDG_STATE_HOME', home);
    vi.stubEnv('PROCTOR_STATE_DIR', undefined);
    vi.stubEnv('PROCTOR_STACK', undefined);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true, force: true });
  });

  function claim(name: string): Promise<StackState> {
    const { stateDir } = locate({ name });
    return claimSlot(name, stateDir, async (slot) => {
      const portBase = portBaseOfSlot(slot);
      const ports = portTable(portBase);
      return { version: 1, name, slot, portBase, ports, cluster: 'native', temporalDbFile: false };
    });
  }

  it('gives each stack its own slot, and the first one to the stack with the default name', async () => {
    const states = await Promise.all(['a', 'b', 'c', 'proctor'].map(claim));
    expect(states.map(({ slot }) => slot).sort((x, y) => x - y)).toEqual([0, 1, 2, 3]);
    expect(states[3]?.slot).toBe(0);
  });

  it('frees a slot if its stack is gone, whether `down` ran or not', async () => {
    await claim('a');
    await releaseSlot(locate({ name: 'a' }).stateDir);
    expect(readState(locate({ name: 'a' }).stateDir)).toBeUndefined();
    expect((await claim('b')).slot).toBe(1);
    rmSync(locate({ name: 'b' }).stateDir, { recursive: true });
    expect((await claim('c')).slot).toBe(1);
  });

  it('gives a stack its old slot when it starts again', async () => {
    await claim('a');
    expect((await claim('b')).slot).toBe(2);
    expect((await claim('b')).slot).toBeLessThanOrEqual(2);
    expect((await claim('c')).slot).not.toBe(readState(locate({ name: 'b' }).stateDir)?.slot);
  });

  it('refuses a stack if all slots are taken', async () => {
    for (let i = 1; i < SLOTS; i += 1) await claim(`s${i}`);
    await expect(claim('one-too-many')).rejects.toThrow(/slots/);
  });

  it('refuses a name that cannot be part of a file name', () => {
    expect(() => locate({ name: '../x' })).toThrow(/cannot be the name of a stack/);
    expect(locate({ name: 'x', stateDir: '/somewhere' }).stateDir).toBe('/somewhere');
  });

  it('reports a stack that does not exist as down, and creates nothing', async () => {
    expect(await status({ name: 'unknown' })).toMatchObject({ up: false, components: [] });
    expect(existsSync(locate({ name: 'unknown' }).stateDir)).toBe(false);
  });
});

describe('a lock', () => {
  it('has one holder at a time, and serves each caller in turn', async () => {
    let inside = 0;
    let most = 0;
    const waits: number[] = [];
    const name = `test ${process.pid}`;
    const enter = (i: number): Promise<number> =>
      withLock(
        name,
        async () => {
          inside += 1;
          most = Math.max(most, inside);
          // The first holder keeps the lock until the others wait.
          await until('all others wait', async () => waits.length === 3);
          inside -= 1;
          return i;
        },
        () => waits.push(i),
      );
    expect(await Promise.all([1, 2, 3, 4].map(enter))).toEqual([1, 2, 3, 4]);
    expect(most).toBe(1);
    expect(waits).toHaveLength(3);
  });

  it('is released if the work fails', async () => {
    const name = `test failure ${process.pid}`;
    await expect(withLock(name, () => Promise.reject(new Error('inside')))).rejects.toThrow('inside');
    expect(await withLock(name, async () => 'again')).toBe('again');
  });
});
