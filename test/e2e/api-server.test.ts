import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { createSite, kubectl, request, type Site, stack, uniqueId, until } from './harness.ts';

interface KubeConfigFile {
  clusters: { cluster: { server: string } }[];
  users: { user: Record<string, string> }[];
}

let site: Site;
let folder: string;
const servers: Server[] = [];

beforeAll(async () => {
  site = await createSite('api');
  folder = await mkdtemp(join(tmpdir(), 'proctor-test-'));
});

afterAll(() => {
  for (const server of servers) server.close();
});

/** The stack's kubeconfig, changed, as a file of its own. */
function kubeconfig(name: string, change: (config: KubeConfigFile) => void): string {
  const config = parse(readFileSync(stack.cluster.kubeconfig, 'utf8')) as KubeConfigFile;
  change(config);
  const file = join(folder, name);
  writeFileSync(file, stringify(config));
  return file;
}

function apiServer(): URL {
  const config = parse(readFileSync(stack.cluster.kubeconfig, 'utf8')) as KubeConfigFile;
  return new URL(config.clusters[0]?.cluster.server ?? '');
}

/** A port that nobody listens on, and a way to have it lead to the API server. */
async function closedDoor(): Promise<{ port: number; open: () => Promise<void> }> {
  const { hostname, port: target } = apiServer();
  const listen = async (port: number) => {
    const server = createServer((socket) => {
      const upstream = connect(Number(target), hostname);
      socket.pipe(upstream).pipe(socket);
      for (const side of [socket, upstream]) side.on('error', () => side.destroy());
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const probe = await listen(0);
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => probe.close(resolve));
  // Somebody's outgoing connection may have been given the port meanwhile; it is free again when that ends.
  return { port, open: async () => void servers.push(await until('the door is open', () => listen(port))) };
}

it('no API server: the run waits, its retries can be seen, and it goes on when the server is there', async () => {
  const door = await closedDoor();
  const KUBECONFIG = kubeconfig('closed', (config) => {
    for (const { cluster } of config.clusters) cluster.server = `https://127.0.0.1:${door.port}`;
  });
  await site.startWorker({ KUBECONFIG, PROCTOR_CLUSTER: 'closed' });
  const handle = await site.proctor.start(
    { ...request([{ name: 'patient', script: 'exit 0' }]), cluster: 'closed' },
    { workflowId: uniqueId('unreachable') },
  );

  const failure = await until('a second try is pending', async () => {
    const { raw } = await handle.describe();
    const pending = raw.pendingActivities?.[0];
    return (pending?.attempt ?? 0) >= 2 && (pending?.lastFailure ?? undefined);
  });
  expect(failure.message).toMatch(/^unreachable: get .* on cluster closed: .*ECONNREFUSED/);
  expect((await handle.describe()).status.name).toBe('RUNNING');

  await door.open();
  expect(await handle.result()).toMatchObject({ verdict: 'passed', cleanup: 'complete' });
});

it('no permission: the run fails with the verb, the resource and the namespace that were refused', async () => {
  const user = uniqueId('nobody');
  await kubectl('create', 'serviceaccount', user, '-n', 'default');
  await kubectl('create', 'clusterrole', user, '--verb=get', '--resource=namespaces');
  await kubectl('create', 'clusterrolebinding', user, `--clusterrole=${user}`, `--serviceaccount=default:${user}`);
  try {
    const may = ['auth', 'can-i', 'get', 'namespaces', `--as=system:serviceaccount:default:${user}`];
    await until('the API server goes by the role', async () => (await kubectl(...may)).trim() === 'yes');
    const token = (await kubectl('create', 'token', user, '-n', 'default')).trim();
    const KUBECONFIG = kubeconfig('forbidden', (config) => {
      config.users = config.users.map((entry) => ({ ...entry, user: { token } }));
    });
    const worker = await site.startWorker({ KUBECONFIG, PROCTOR_CLUSTER: 'forbidden' });
    const handle = await site.proctor.start(
      { ...request([{ name: 'a', script: 'exit 0' }]), cluster: 'forbidden' },
      { workflowId: uniqueId('forbidden') },
    );
    const error = await handle.result().catch((thrown: Error) => thrown);
    const messages: string[] = [];
    for (let at: unknown = error; at instanceof Error; at = at.cause) messages.push(at.message);
    const last = messages.at(-1) ?? '';
    expect(last).toMatch(
      /^forbidden: patch namespaces aicr-validation on cluster forbidden: .*cannot patch resource "namespaces"/,
    );
    expect(JSON.stringify(await handle.fetchHistory()) + worker.output).not.toContain(token);
  } finally {
    await kubectl('delete', 'clusterrolebinding,clusterrole', user);
    await kubectl('delete', 'serviceaccount', user, '-n', 'default');
  }
});
