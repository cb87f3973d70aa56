// The example validators, each against the real cluster: green while the cluster is as it should be, red once the very
// thing it looks at is broken. They run as plain pods with a validator Job's environment and mounts, without Temporal.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));

interface Entry {
  readonly name: string;
  readonly phase: string;
  readonly image: string;
  readonly timeout?: string;
  readonly args?: readonly string[];
  readonly env?: readonly { name: string; value: string }[];
  readonly resources?: { cpu: string; memory: string };
  readonly exclusive?: readonly string[];
}
function readCatalog(file: string): readonly Entry[] {
  return (parse(readFileSync(examples + file, 'utf8')) as { validators: Entry[] }).validators;
}
const catalog = readCatalog('catalog.yaml');

/** What each of the others does on purpose is tested one by one; these have to be green on a healthy cluster. */
const onPurpose = ['always-fails', 'always-skips', 'out-of-memory', 'missing-image', 'outlives-its-timeout'];
const healthy = catalog.filter((entry) => !onPurpose.includes(entry.name));

// --- kubectl --------------------------------------------------------------------------------------------------------

const binary = process.env.PROCTOR_KUBECTL ?? 'kubectl';

interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
function finished(child: ChildProcess): Promise<Output> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data: Buffer) => {
    stdout += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code: code ?? -1, stdout, stderr });
    });
  });
}
/** Runs kubectl and hands back whatever it says, also when it fails. */
async function attempt(args: readonly string[], input?: unknown): Promise<Output> {
  const child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input === undefined ? '' : JSON.stringify(input));
  return await finished(child);
}
async function kubectl(args: readonly string[], input?: unknown): Promise<string> {
  const { code, stdout, stderr } = await attempt(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: exit ${code}\n${stderr}`);
  return stdout.trim();
}
async function create(object: Record<string, unknown>): Promise<void> {
  await kubectl(['create', '-f', '-'], object);
}
async function remove(...what: readonly string[]): Promise<void> {
  await kubectl(['delete', ...what, '--ignore-not-found', '--wait=false']);
}
/** Polls until the API server has taken notice of what a test changed: authorizers and policies follow by a watch. */
async function until(what: string, met: () => Promise<boolean>, seconds = 60): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await met())) {
    if (Date.now() > deadline) throw new Error(`after ${seconds} s still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
/** What the API server's own authorizer says about somebody else. */
async function may(user: string, groups: readonly string[], verb: string, resource: string): Promise<boolean> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview' };
  const spec = { user, groups, resourceAttributes: { verb, resource } };
  return (await kubectl(['create', '-f', '-', '-o', 'jsonpath={.status.allowed}'], { ...review, spec })) === 'true';
}

// --- a namespace of the test's own, and a validator run in it -------------------------------------------------------

const id = randomBytes(4).toString('hex');
const namespace = `proctor-examples-${id}`;
const account = `system:serviceaccount:${namespace}:validator`;
const inNamespace = ['-n', namespace];
const binding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: namespace },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'ServiceAccount', name: 'validator', namespace }],
};
const ours = { 'examples-test': id };

beforeAll(async () => {
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: ours } });
  await create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'validator', namespace } });
  await create(binding);
  for (const [name, data] of [
    ['snapshot', { 'snapshot.yaml': 'kind: Snapshot\n' }],
    ['validation', { 'validation.yaml': 'kind: Validation\n' }],
    ['empty-snapshot', { 'snapshot.yaml': '' }],
    ['no-snapshot', { 'other.yaml': 'kind: Snapshot\n' }],
  ] as const) {
    await create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });
  }
  await until('the namespace has its default ServiceAccount', async () => {
    return (await attempt([...inNamespace, 'get', 'serviceaccount', 'default'])).code === 0;
  });
});

afterAll(async () => {
  await remove('clusterrolebinding', namespace);
  await remove('nodes', '-l', `examples-test=${id}`);
  await remove('namespace', namespace);
});

interface Changes {
  readonly env?: Readonly<Record<string, string>>;
  readonly snapshot?: string;
  readonly mounts?: readonly Record<string, unknown>[];
  readonly volumes?: readonly Record<string, unknown>[];
  /** Replaces the entry's args. */
  readonly args?: readonly string[];
  /** Merged over the pod's spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
}
interface Ended {
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  readonly log: string;
}

function entryNamed(name: string): Entry {
  const found = catalog.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`the catalog has no ${name}`);
  return found;
}
/** Creates the pod that a validator's Job would, for one entry of the catalog. */
async function start(name: string, changes: Changes = {}): Promise<string> {
  const entry = entryNamed(name);
  const pod = `${name}-${randomBytes(3).toString('hex')}`;
  const variables = {
    AICR_SNAPSHOT_PATH: '/data/snapshot/snapshot.yaml',
    AICR_VALIDATION_PATH: '/data/validation/validation.yaml',
    AICR_VALIDATOR_NAME: name,
    AICR_VALIDATOR_PHASE: entry.phase,
    AICR_RUN_ID: id,
    AICR_NAMESPACE: namespace,
    AICR_CHECK_TIMEOUT: '1m0s',
    ...Object.fromEntries((entry.env ?? []).map((variable) => [variable.name, variable.value])),
    ...changes.env,
  };
  await create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, namespace, labels: ours },
    spec: {
      restartPolicy: 'Never',
      serviceAccountName: 'validator',
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: 'validator',
          image: entry.image,
          args: changes.args ?? entry.args ?? [],
          env: Object.entries(variables).map(([variable, value]) => ({ name: variable, value })),
          resources: { requests: entry.resources, limits: entry.resources },
          volumeMounts: [
            { name: 'snapshot', mountPath: '/data/snapshot', readOnly: true },
            { name: 'validation', mountPath: '/data/validation', readOnly: true },
            ...(changes.mounts ?? []),
          ],
        },
      ],
      volumes: [
        { name: 'snapshot', configMap: { name: changes.snapshot ?? 'snapshot' } },
        { name: 'validation', configMap: { name: 'validation' } },
        ...(changes.volumes ?? []),
      ],
      ...changes.spec,
    },
  });
  return pod;
}
const container = '.status.containerStatuses[?(@.name=="validator")]';
async function reached(pod: string, path: string, seconds = 120): Promise<void> {
  await kubectl([...inNamespace, 'wait', `pod/${pod}`, `--for=jsonpath=${path}`, `--timeout=${seconds}s`]);
}
async function run(name: string, changes: Changes = {}): Promise<Ended> {
  const pod = await start(name, changes);
  try {
    await reached(pod, `{${container}.state.terminated.reason}`);
    const fields = ['exitCode', 'reason', 'message'].map((field) =>
      kubectl([...inNamespace, 'get', 'pod', pod, '-o', `jsonpath={${container}.state.terminated.${field}}`]),
    );
    const [exitCode = '', reason = '', message = ''] = await Promise.all(fields);
    const log = await kubectl([...inNamespace, 'logs', pod]);
    return { exitCode: Number(exitCode), reason, message, log };
  } finally {
    await remove(...inNamespace, 'pod', pod);
  }
}
const passed = (message: RegExp) => expect.objectContaining({ exitCode: 0, message: expect.stringMatching(message) });
const failed = (message: RegExp) => expect.objectContaining({ exitCode: 1, message: expect.stringMatching(message) });
const skipped = (message: RegExp) => expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) });

// --- ways to break the cluster, each undone -------------------------------------------------------------------------

/** A Node object without a kubelet behind it. It holds no pods (it has no capacity), so nothing is scheduled onto it. */
async function withNode(status: Record<string, unknown>, then: (node: string) => Promise<void>): Promise<void> {
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
const good = [
  { type: 'Ready', status: 'True', reason: 'Test', message: '' },
  { type: 'MemoryPressure', status: 'False', reason: 'Test', message: '' },
  { type: 'DiskPressure', status: 'False', reason: 'Test', message: '' },
  { type: 'PIDPressure', status: 'False', reason: 'Test', message: '' },
];

/** An admission policy of the API server's own, held to the test's namespace. */
async function withPolicy(
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

async function withoutGrant(then: () => Promise<void>): Promise<void> {
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
async function ownAddress(): Promise<string | undefined> {
  const path = 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}';
  const node = await kubectl(['get', 'nodes', '-o', path]);
  const local = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []);
  return local.includes(node) ? node : undefined;
}
const elsewhere = 'the cluster runs on another machine: its pods do not reach this process';

/** A proxy at `host` through which everything arrives late by so many milliseconds. */
async function withSlowPath(host: string, delay: number, then: (proxy: string) => Promise<void>): Promise<void> {
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

const clusterDns = ['-n', 'kube-system', 'get', 'services', '-l', 'k8s-app=kube-dns', '-o', 'name'];
/** Makes sure that there is a DNS Service, whether or not anything answers behind it. */
async function withDnsService(then: () => Promise<void>): Promise<void> {
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
const resolver = (address: string) => ({
  spec: { dnsPolicy: 'None', dnsConfig: { nameservers: [address], searches } },
});
/** Answers every DNS question at `host` with one IPv4 address. */
async function withDnsServer(host: string, address: string, then: () => Promise<void>): Promise<void> {
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

// --- the tests ------------------------------------------------------------------------------------------------------

describe('the catalogs', () => {
  it('name every script, and only scripts that exist', () => {
    const scripts = readdirSync(`${examples}validators`).filter((file) => file.endsWith('.sh') && file !== 'lib.sh');
    const named = new Set(catalog.flatMap((entry) => entry.args ?? []));
    expect(named).toEqual(new Set(scripts.map((file) => `/validators/${file}`)));
    for (const entry of readCatalog('quick-catalog.yaml')) expect(named).toContain(entry.args?.[0]);
  });
  it('say how much each validator takes, and which may run beside each other', () => {
    for (const entry of [...catalog, ...readCatalog('quick-catalog.yaml')]) {
      expect(entry.resources, entry.name).toBeDefined();
      if (entry.phase !== 'deployment') expect(entry.exclusive, entry.name).toBeDefined();
    }
  });
});

describe.concurrent('on a healthy cluster', { timeout: 180_000 }, () => {
  it.each(healthy)('$name is green', async (entry) => {
    const { exitCode, message } = await run(entry.name);
    const expected = entry.name === 'dns' && (await kubectl(clusterDns)) === '' ? 2 : 0;
    expect({ exitCode, message }).toEqual({ exitCode: expected, message: expect.stringMatching(/./) });
  });
});

describe('broken', { timeout: 180_000 }, () => {
  it('nodes-ready: a node without a kubelet', async () => {
    await withNode({}, async (node) => {
      expect(await run('nodes-ready')).toEqual(failed(new RegExp(`not ready or under pressure.*${node}`)));
    });
  });
  it('nodes-ready: a node whose disk is full', async () => {
    const conditions = good.map((each) => (each.type === 'DiskPressure' ? { ...each, status: 'True' } : each));
    await withNode({ conditions }, async (node) => {
      expect(await run('nodes-ready')).toEqual(failed(new RegExp(`not ready or under pressure.*${node}`)));
    });
  });
  it.each(['v1.20.4', 'v1.99.0', ''])('version-skew: a kubelet of version "%s"', async (kubeletVersion) => {
    const empty = { machineID: '', systemUUID: '', bootID: '', kernelVersion: '', osImage: '' };
    const rest = { containerRuntimeVersion: '', kubeProxyVersion: '', operatingSystem: '', architecture: '' };
    await withNode({ conditions: good, nodeInfo: { ...empty, ...rest, kubeletVersion } }, async (node) => {
      expect(await run('version-skew')).toEqual(failed(new RegExp(`outside.*${node} \\(${kubeletVersion}\\)`)));
    });
  });
  it('kubelets-answer: a node at whose address nothing listens', async () => {
    const address = await kubectl([
      'get',
      'nodes',
      '-o',
      'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}',
    ]);
    const status = {
      conditions: good,
      addresses: [{ type: 'InternalIP', address }],
      daemonEndpoints: { kubeletEndpoint: { Port: 1 } },
    };
    await withNode(status, async (node) => {
      expect(await run('kubelets-answer')).toEqual(failed(new RegExp(`do not answer.* ${node}`)));
    });
  });

  it('api-server-answers: no route to the Service address', async () => {
    const cut = {
      name: 'cut',
      image: entryNamed('api-server-answers').image,
      args: ['-c', 'ip route add unreachable "$KUBERNETES_SERVICE_HOST/32" && ip route'],
      securityContext: { capabilities: { add: ['NET_ADMIN'] } },
    };
    expect(await run('api-server-answers', { spec: { initContainers: [cut] } })).toEqual(
      failed(/is not ready, or does not answer: .*(no route to host|unreachable)/),
    );
  });

  it('no-crash-loops: a pod that crashes again and again', async () => {
    const name = 'crashes';
    try {
      const { image, resources } = entryNamed('data-mounted');
      await create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, labels: ours },
        spec: {
          automountServiceAccountToken: false,
          containers: [{ name: 'crashes', image, args: ['-c', 'exit 1'], resources: { limits: resources } }],
        },
      });
      // After the second restart it is held back for twenty seconds: long enough to be seen.
      await reached(name, '{.status.containerStatuses[0].restartCount}=2');
      await reached(name, '{.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff');
      expect(await run('no-crash-loops')).toEqual(failed(new RegExp(`in a crash loop: .*${namespace}/${name}`)));
    } finally {
      await kubectl([...inNamespace, 'delete', 'pod', name, '--ignore-not-found', '--now']);
    }
  });

  it('data-mounted: the ConfigMap has no such key', async () => {
    expect(await run('data-mounted', { snapshot: 'no-snapshot' })).toEqual(failed(/snapshot\.yaml is missing/));
  });
  it('data-mounted: skips when the run gave nothing', async () => {
    expect(await run('data-mounted', { snapshot: 'empty-snapshot' })).toEqual(skipped(/empty snapshot\.yaml/));
  });

  it('dns: a DNS Service that does not answer', async () => {
    await withDnsService(async () => {
      expect(await run('dns', resolver('127.0.0.1'))).toEqual(failed(/does not resolve kubernetes\.default\.svc/));
    });
  });
  it('dns: green when it answers, red when it answers with another address', async ({ skip }) => {
    const host = (await ownAddress()) ?? skip(elsewhere);
    const service = await kubectl([
      'get',
      'service',
      'kubernetes',
      '-n',
      'default',
      '-o',
      'jsonpath={.spec.clusterIP}',
    ]);
    await withDnsService(async () => {
      await withDnsServer(host, service, async () => {
        expect(await run('dns', resolver(host))).toEqual(passed(/resolves to/));
      });
      await withDnsServer(host, '192.0.2.7', async () => {
        expect(await run('dns', resolver(host))).toEqual(failed(/resolves to '192\.0\.2\.7', not /));
      });
    });
  });

  it('rbac-as-granted: the grant is gone', async () => {
    await withoutGrant(async () => {
      expect(await run('rbac-as-granted')).toEqual(failed(/may not \* \*/));
    });
  });
  it('rbac-as-granted: an account that was granted nothing may read Secrets', async () => {
    const name = `${namespace}-stranger`;
    const stranger = `system:serviceaccount:${namespace}:default`;
    try {
      const subjects = [{ kind: 'ServiceAccount', name: 'default', namespace }];
      await create({ ...binding, metadata: { name }, subjects });
      await until('the grant works', () => may(stranger, [], 'list', 'secrets'));
      expect(await run('rbac-as-granted')).toEqual(failed(/default was granted nothing, but may list Secrets$/));
    } finally {
      await remove('clusterrolebinding', name);
    }
  });
  it('anonymous-refused: anyone may list namespaces', async () => {
    const name = `${namespace}-anyone`;
    try {
      await kubectl(['create', 'clusterrole', name, '--verb=list', '--resource=namespaces']);
      await kubectl(['create', 'clusterrolebinding', name, `--clusterrole=${name}`, '--group=system:unauthenticated']);
      await until('anyone may', () => may('system:anonymous', ['system:unauthenticated'], 'list', 'namespaces'));
      expect(await run('anonymous-refused')).toEqual(failed(/anyone may list the namespaces/));
    } finally {
      await remove('clusterrolebinding', name);
      await remove('clusterrole', name);
    }
  });

  it('token-bound: a Secret with a token that never expires', async () => {
    const name = 'for-ever';
    await create({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/service-account-token',
      metadata: { name, namespace, annotations: { 'kubernetes.io/service-account.name': 'validator' } },
    });
    await until('the Secret has its token', async () => {
      return (await kubectl([...inNamespace, 'get', 'secret', name, '-o', 'jsonpath={.data.token}'])) !== '';
    });
    const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
    const changes = {
      mounts: [{ name: 'token', mountPath, readOnly: true }],
      volumes: [{ name: 'token', secret: { secretName: name } }],
    };
    expect(await run('token-bound', changes)).toEqual(failed(/the token never expires/));
  });
  it('token-bound: no token at all', async () => {
    const changes = { spec: { automountServiceAccountToken: false } };
    expect(await run('token-bound', changes)).toEqual(failed(/this pod was given no token/));
  });

  it('admission-dry-run: a policy refuses pods without a label', async () => {
    const probe = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe', namespace } };
    const spec = { containers: [{ name: 'probe', image: 'probe' }] };
    const refused = async () =>
      (await attempt(['create', '--dry-run=server', '-f', '-'], { ...probe, spec })).stderr.includes(
        'refused by the test',
      );
    const expression = "has(object.metadata.labels) && 'examples-test' in object.metadata.labels";
    await withPolicy({ operation: 'CREATE', resource: 'pods', expression }, refused, async () => {
      expect(await run('admission-dry-run')).toEqual(failed(/would be refused: .*refused by the test/s));
    });
  });
  it('configmap-round-trip: the quota is used up', async () => {
    const name = 'no-configmaps';
    try {
      await kubectl([...inNamespace, 'create', 'quota', name, '--hard=count/configmaps=0']);
      const status = [...inNamespace, 'get', 'quota', name, '-o', 'jsonpath={.status.hard}'];
      await until('the quota is enforced', async () => (await kubectl(status)).includes('configmaps'));
      const ended = await run('configmap-round-trip');
      expect(ended).toEqual(failed(/cannot create a ConfigMap/));
      expect(ended.log).toContain('exceeded quota');
    } finally {
      await kubectl([...inNamespace, 'delete', 'quota', name, '--ignore-not-found']);
    }
  });
  it('garbage-collection: the garbage collector may not delete', async () => {
    const collector = 'system:serviceaccount:kube-system:generic-garbage-collector';
    const deleteAsCollector = [
      ...inNamespace,
      'delete',
      'configmap',
      'no-snapshot',
      '--dry-run=server',
      `--as=${collector}`,
    ];
    const refused = async () => (await attempt(deleteAsCollector)).stderr.includes('refused by the test');
    const names = `['${collector}', 'system:kube-controller-manager']`;
    const expression = `!(request.userInfo.username in ${names})`;
    await withPolicy({ operation: 'DELETE', resource: 'configmaps', expression }, refused, async () => {
      expect(await run('garbage-collection', { env: { MAX_SECONDS: '5' } })).toEqual(
        failed(/outlived its owner by 5 s/),
      );
    });
  });

  it('disk-write-speed: the disk is full', async () => {
    const changes = {
      mounts: [{ name: 'small', mountPath: '/tmp' }],
      volumes: [{ name: 'small', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } }],
    };
    const ended = await run('disk-write-speed', changes);
    expect(ended).toEqual(failed(/cannot write 32 MB/));
    expect(ended.log).toContain('No space left on device');
  });
  it('disk-write-speed: slower than asked for', async () => {
    const changes = { env: { MIN_MB_PER_SECOND: '10000000' } };
    expect(await run('disk-write-speed', changes)).toEqual(failed(/^\d+ MB\/s, less than 10000000 MB\/s/));
  });
  it('api-latency: every answer takes a second more on its way', async ({ skip }) => {
    const host = (await ownAddress()) ?? skip(elsewhere);
    await withSlowPath(host, 1100, async (proxy) => {
      const env = { REQUESTS: '5', HTTPS_PROXY: proxy };
      expect(await run('api-latency', { env })).toEqual(failed(/p95 is 1[1-9]\d\d ms, over 1000 ms/));
    });
  });
  it('api-latency: the requests are refused', async () => {
    await withoutGrant(async () => {
      expect(await run('api-latency')).toEqual(failed(/a request was not served: .*forbidden/i));
    });
  });
  it('pod-start-time: every node is cordoned', async () => {
    const listed = await kubectl(['get', 'nodes', '--field-selector=spec.unschedulable=false', '-o', 'name']);
    const nodes = listed.split('\n');
    try {
      await kubectl(['cordon', ...nodes]);
      expect(await run('pod-start-time', { env: { MAX_SECONDS: '5' } })).toEqual(
        failed(/has not run after 5 s: Pending: .*unschedulable/),
      );
    } finally {
      await kubectl(['uncordon', ...nodes]);
    }
  });
});

describe('on purpose', { timeout: 180_000 }, () => {
  it('always-fails exits 1', async () => {
    expect(await run('always-fails')).toEqual(failed(/on purpose/));
  });
  it('always-skips exits 2', async () => {
    expect(await run('always-skips')).toEqual(skipped(/on purpose/));
  });
  it('out-of-memory is killed by the kernel, as the container itself', async () => {
    expect(await run('out-of-memory')).toEqual(expect.objectContaining({ exitCode: 137, reason: 'OOMKilled' }));
  });
  it('missing-image cannot be pulled', async () => {
    const pod = await start('missing-image');
    try {
      await reached(pod, `{${container}.state.waiting.reason}=ImagePullBackOff`);
    } finally {
      await remove(...inNamespace, 'pod', pod);
    }
  });
  it('outlives-its-timeout runs on, but goes at once when told to', async () => {
    const pod = await start('outlives-its-timeout', { env: { AICR_CHECK_TIMEOUT: '1s' } });
    await reached(pod, `{${container}.state.running.startedAt}`);
    await until('it says so', async () => {
      return (await kubectl([...inNamespace, 'logs', pod])).includes('timeout: 1s; sleeping');
    });
    const began = Date.now();
    await kubectl([...inNamespace, 'delete', 'pod', pod]);
    expect(Date.now() - began).toBeLessThan(20_000); // its grace period is 30 s
  });
  it('prints-5000-lines prints them, one longer than the report keeps', async () => {
    const lines = (await run('prints-5000-lines')).log.split('\n');
    expect(lines).toHaveLength(5000);
    expect(lines[0]).toBe('line 1 of 5000');
    expect(lines[4998]).toHaveLength(1024);
    expect(lines[4999]).toMatch(/^RESULT: /);
  });
  it('uses-sentinels prints one valid line of each', async () => {
    const { log } = await run('uses-sentinels');
    const payload = (sentinel: string): unknown =>
      JSON.parse(
        log
          .split('\n')
          .find((line) => line.startsWith(sentinel))
          ?.slice(sentinel.length) ?? 'null',
      );
    expect(payload('##AICR-EXTRA## ')).toEqual({
      gpus: '8',
      busBandwidth: '412 GB/s',
      note: expect.any(String),
    });
    const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
    expect(payload('##AICR-PROVENANCE## ')).toEqual({
      shippedDigest: digest,
      derivedDigest: digest,
      overriddenPaths: ['spec.image'],
      inheritedPaths: ['spec.nodeSelector', 'spec.tolerations'],
    });
  });

  it('a command that exits 2 by accident is a failure, not a skip', async () => {
    const args = ['-c', '. /validators/lib.sh; grep x /no/such/file'];
    expect(await run('data-mounted', { args })).toEqual(failed(/ended by itself with exit code 2/));
  });
});
