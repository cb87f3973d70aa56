// Ways to break a cluster for the example validators' tests. Each undoes itself, whatever happens in between.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import { account, binding, create, id, kubectl, may, namespace, ours, remove } from './examples-cluster.ts';
import { until } from './harness.ts';

/** A Node object without a kubelet behind it. It holds no pods (it has no capacity), so nothing is scheduled onto it. */
export async function withNode(status: Record<string, unknown>, then: (node: string) => Promise<void>): Promise<void> {
  const name = `no-kubelet-${id}`;
  try {
    await create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: ours },
      spec: { unschedulable: true },
      status,
    });
    await then(name);
  } finally {
    await kubectl(['delete', 'node', name, '--ignore-not-found']);
  }
}
export const good = [
  { type: 'Ready', status: 'True', reason: 'Test', message: '' },
  { type: 'MemoryPressure', status: 'False', reason: 'Test', message: '' },
  { type: 'DiskPressure', status: 'False', reason: 'Test', message: '' },
  { type: 'PIDPressure', status: 'False', reason: 'Test', message: '' },
];

/** An admission policy of the API server's own, held to the test's namespace. */
export async function withPolicy(
  rule: { operation: string; resource: string; expression: string },
  effective: () => Promise<boolean>,
  then: () => Promise<void>,
): Promise<void> {
  const api = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: namespace } };
  try {
    await create({
      ...api,
      kind: 'ValidatingAdmissionPolicy',
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: [rule.operation], resources: [rule.resource] },
          ],
        },
        validations: [{ expression: rule.expression, message: 'refused by the test' }],
      },
    });
    await create({
      ...api,
      kind: 'ValidatingAdmissionPolicyBinding',
      spec: { policyName: namespace, validationActions: ['Deny'] },
    });
    await until('the admission policy refuses', effective);
    await then();
  } finally {
    await remove('validatingadmissionpolicybinding', namespace);
    await remove('validatingadmissionpolicy', namespace);
  }
}

export async function withoutGrant(then: () => Promise<void>): Promise<void> {
  try {
    await kubectl(['delete', 'clusterrolebinding', namespace]);
    await until('the grant is gone', async () => !(await may(account, [], 'list', 'nodes')));
    await then();
  } finally {
    await create(binding);
    await until('the grant is back', () => may(account, [], 'list', 'nodes'));
  }
}

/** An address of this machine that the cluster's pods reach: the node's, if the node is this machine. */
export async function ownAddress(): Promise<string | undefined> {
  const path = 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}';
  const node = await kubectl(['get', 'nodes', '-o', path]);
  const local = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []);
  return local.includes(node) ? node : undefined;
}
export const elsewhere = 'the cluster runs on another machine: its pods do not reach this process';

/** A proxy at `host` through which everything arrives late by so many milliseconds. */
export async function withSlowPath(host: string, delay: number, then: (proxy: string) => Promise<void>): Promise<void> {
  const target = new URL(await kubectl(['config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}']));
  const sockets = new Set<Duplex>();
  const server = createServer();
  server.on('connect', (_request, client: Duplex) => {
    // What the pod asks for is the Service's address, which means something to pods only.
    const upstream = connect(Number(target.port || 443), target.hostname, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (data: Buffer) => {
      setTimeout(() => client.write(data), delay);
    });
    upstream.on('end', () => {
      setTimeout(() => client.end(), delay);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  try {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    await then(`http://${host}:${address.port}`);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

export const clusterDns = ['-n', 'kube-system', 'get', 'services', '-l', 'k8s-app=kube-dns', '-o', 'name'];
/** Makes sure that there is a DNS Service, whether or not anything answers behind it. */
export async function withDnsService(then: () => Promise<void>): Promise<void> {
  const name = `dns-${id}`;
  const there = (await kubectl(clusterDns)) !== '';
  try {
    if (!there) {
      await create({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
        spec: { ports: [{ name: 'dns', protocol: 'UDP', port: 53 }] },
      });
    }
    await then();
  } finally {
    await remove('-n', 'kube-system', 'service', name);
  }
}
const searches = [`${namespace}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local'];
export const resolver = (address: string) => ({
  spec: { dnsPolicy: 'None', dnsConfig: { nameservers: [address], searches } },
});
/** Answers every DNS question at `host` with one IPv4 address. */
export async function withDnsServer(host: string, address: string, then: () => Promise<void>): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const header = Buffer.from([0, 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    query.copy(header, 0, 0, 2);
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, ...address.split('.').map(Number)]);
    socket.send(Buffer.concat([header, question, answer]), from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(53, host, resolve);
  });
  try {
    await then();
  } finally {
    socket.close();
  }
}
