// Ways to break a cluster for the tests of the example validators. Each is undone afterwards, also if the test fails.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import { account, binding, create, id, isAllowed, kubectl, namespace, remove, testLabels } from './examples-cluster.ts';
import { until } from './harness.ts';

/** Creates a Node without a kubelet. It is unschedulable and has no capacity, so it gets no pods. */
export async function withNode(status: Record<string, unknown>, then: (node: string) => Promise<void>): Promise<void> {
  const name = `no-kubelet-${id}`;
  try {
    await create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: testLabels },
      spec: { unschedulable: true },
      status,
    });
    await then(name);
  } finally {
    await kubectl(['delete', 'node', name, '--ignore-not-found']);
  }
}

export const healthyConditions = [
  { type: 'Ready', status: 'True', reason: 'Test', message: '' },
  { type: 'MemoryPressure', status: 'False', reason: 'Test', message: '' },
  { type: 'DiskPressure', status: 'False', reason: 'Test', message: '' },
  { type: 'PIDPressure', status: 'False', reason: 'Test', message: '' },
];

/** Creates a ValidatingAdmissionPolicy for the test's namespace. @param effective whether it is enforced yet. */
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

/** Deletes the ClusterRoleBinding of the validators' ServiceAccount. */
export async function withoutGrant(then: () => Promise<void>): Promise<void> {
  try {
    await kubectl(['delete', 'clusterrolebinding', namespace]);
    await until('the grant is gone', async () => !(await isAllowed(account, [], 'list', 'nodes')));
    await then();
  } finally {
    await create(binding);
    await until('the grant is back', () => isAllowed(account, [], 'list', 'nodes'));
  }
}

/** The internal address of the cluster's first node. */
export function nodeAddress(): Promise<string> {
  const path = 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}';
  return kubectl(['get', 'nodes', '-o', path]);
}

/** The node's address if the node is this machine, so that the cluster's pods reach it; otherwise undefined. */
export async function ownAddress(): Promise<string | undefined> {
  const node = await nodeAddress();
  const local = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []);
  return local.includes(node) ? node : undefined;
}

/** Why a test is skipped that needs {@link ownAddress}. */
export const elsewhere = 'the cluster runs on another machine: its pods do not reach this process';

/** Starts an HTTP proxy at `host` that delays every answer. @param delay in milliseconds. */
export async function withSlowPath(host: string, delay: number, then: (proxy: string) => Promise<void>): Promise<void> {
  const target = new URL(await kubectl(['config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}']));
  const sockets = new Set<Duplex>();
  const server = createServer();
  server.on('connect', (_request, client: Duplex) => {
    // The pod asks for the Service's address, which only pods can reach, so the proxy connects to the API server
    // itself.
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

/** Arguments of kubectl that list the cluster's DNS Service. */
export const clusterDns = ['-n', 'kube-system', 'get', 'services', '-l', 'k8s-app=kube-dns', '-o', 'name'];

/** Creates a DNS Service if the cluster has none. Nothing has to answer behind it. */
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

/** Changes to a pod so that it resolves names at this address. */
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
