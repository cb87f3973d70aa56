import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { apiServerOf, copyKubeconfig } from '../kubeconfig.ts';
import { failureOf } from './failure.ts';
import { createSite, kubectl, request, type Site, stack, uniqueId, until } from './harness.ts';

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

/** A port on which nothing listens until `open` forwards it to the API server. */
async function closedPort(): Promise<{ port: number; open: () => Promise<void> }> {
  const { hostname, port: target } = apiServerOf(stack.cluster.kubeconfig);
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
  // An outgoing connection of another process may use the port meanwhile. It is free again when that connection ends.
  return { port, open: async () => void servers.push(await until('the port is open', () => listen(port))) };
}

it('a run waits for an unreachable API server, shows its retries, and continues when the server answers', async () => {
  const closed = await closedPort();
  const server = `https://127.0.0.1:${closed.port}`;
  const KUBECONFIG = copyKubeconfig(stack.cluster.kubeconfig, join(folder, 'closed'), { server });
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

  await closed.open();
  expect(await handle.result()).toMatchObject({ verdict: 'passed', cleanup: 'complete' });
});

it('a run without permission fails with the verb, the resource and the namespace that were refused', async () => {
  const user = uniqueId('nobody');
  await kubectl('create', 'serviceaccount', user, '-n', 'default');
  await kubectl('create', 'clusterrole', user, '--verb=get', '--resource=namespaces');
  await kubectl('create', 'clusterrolebinding', user, `--clusterrole=${user}`, `--serviceaccount=default:${user}`);
  try {
    const may = ['auth', 'can-i', 'get', 'namespaces', `--as=system:serviceaccount:default:${user}`];
    await until('the API server applies the role', async () => (await kubectl(...may)).trim() === 'yes');
    const token = (await kubectl('create', 'token', user, '-n', 'default')).trim();
    const KUBECONFIG = copyKubeconfig(stack.cluster.kubeconfig, join(folder, 'forbidden'), { token });
    const worker = await site.startWorker({ KUBECONFIG, PROCTOR_CLUSTER: 'forbidden' });
    const handle = await site.proctor.start(
      { ...request([{ name: 'a', script: 'exit 0' }]), cluster: 'forbidden' },
      { workflowId: uniqueId('forbidden') },
    );
    const { message } = await failureOf(handle);
    expect(message).toMatch(
      /^forbidden: patch namespaces aicr-validation on cluster forbidden: .*cannot patch resource "namespaces"/,
    );
    expect(JSON.stringify(await handle.fetchHistory()) + worker.output).not.toContain(token);
  } finally {
    await kubectl('delete', 'clusterrolebinding,clusterrole', user);
    await kubectl('delete', 'serviceaccount', user, '-n', 'default');
  }
});
