// The ports of a stack: a base plus an offset for each. The bases of two stacks are PORTS_PER_STACK apart.
import { createServer } from 'node:net';
import { findCommand, tryRun } from './exec.ts';

const FIRST_PORT_BASE = 17440;
export const PORTS_PER_STACK = 20;

const OFFSETS = {
  apiServer: 0,
  etcd: 1,
  etcdPeer: 2,
  controllerManager: 3,
  scheduler: 4,
  kubelet: 5,
  kubeletHealth: 6,
  temporal: 7,
  temporalUi: 8,
  temporalHttp: 9,
  temporalMetrics: 10,
} as const;

export type PortName = keyof typeof OFFSETS;
export type Ports = Record<PortName, number>;

/** Temporal's own defaults. The first stack takes them if they are free. */
export const TEMPORAL_USUAL_PORTS = { temporal: 7233, temporalUi: 8233 } as const;

export function portTable(base: number): Ports {
  return Object.fromEntries(Object.entries(OFFSETS).map(([name, offset]) => [name, base + offset])) as Ports;
}

export function portBaseOfSlot(slot: number): number {
  return FIRST_PORT_BASE + slot * PORTS_PER_STACK;
}

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    // On all addresses, because the components bind to different ones.
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The process that listens on a port, such as `nginx (pid 4711)`, if the system can name it. */
async function listenerOf(port: number): Promise<string> {
  const ss = findCommand('ss');
  if (ss) {
    const { stdout } = await tryRun(ss, ['-Hltnp', `sport = :${port}`]);
    const user = /"([^"]+)",pid=(\d+)/.exec(stdout);
    if (user) return `${user[1]} (pid ${user[2]})`;
  }
  const lsof = findCommand('lsof');
  if (lsof) {
    const { stdout } = await tryRun(lsof, ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fcp']);
    const pid = /^p(\d+)/m.exec(stdout)?.[1];
    const command = /^c(.+)/m.exec(stdout)?.[1];
    if (pid) return `${command ?? 'a process'} (pid ${pid})`;
  }
  return 'another process';
}

/** One line for each wanted port that is taken, with the process that listens on it. */
export async function takenPorts(wanted: Array<{ port: number; what: string }>): Promise<string[]> {
  const lines = await Promise.all(
    wanted.map(async ({ port, what }) =>
      (await isPortFree(port)) ? undefined : `port ${port} (${what}) is taken by ${await listenerOf(port)}`,
    ),
  );
  return lines.filter((line) => line !== undefined);
}
