// Runs an example validator as a plain pod that has a validator Job's environment and mounts, in the test's own
// namespace.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import { entryNamed } from '../examples-catalog.ts';
import { stack, until } from './harness.ts';

interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function outputOf(child: ChildProcess): Promise<Output> {
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

/** Runs kubectl and returns its output even if it fails. */
export async function tryKubectl(args: readonly string[], input?: unknown): Promise<Output> {
  const child = spawn(stack.cluster.kubectl, ['--kubeconfig', stack.cluster.kubeconfig, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input === undefined ? '' : JSON.stringify(input));
  return await outputOf(child);
}

/** Runs kubectl and returns its trimmed standard output. @throws if it fails. */
export async function kubectl(args: readonly string[], input?: unknown): Promise<string> {
  const { code, stdout, stderr } = await tryKubectl(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: exit ${code}\n${stderr}`);
  return stdout.trim();
}

export async function create(object: Record<string, unknown>): Promise<void> {
  await kubectl(['create', '-f', '-'], object);
}

export async function remove(...what: readonly string[]): Promise<void> {
  await kubectl(['delete', ...what, '--ignore-not-found', '--wait=false']);
}

/** Asks the API server's authorizer whether a user may do something. */
export async function isAllowed(
  user: string,
  groups: readonly string[],
  verb: string,
  resource: string,
): Promise<boolean> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview' };
  const spec = { user, groups, resourceAttributes: { verb, resource } };
  return (await kubectl(['create', '-f', '-', '-o', 'jsonpath={.status.allowed}'], { ...review, spec })) === 'true';
}

export const id = randomBytes(4).toString('hex');
export const namespace = `proctor-examples-${id}`;
export const account = `system:serviceaccount:${namespace}:validator`;
export const inNamespace = ['-n', namespace];
export const binding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: namespace },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'ServiceAccount', name: 'validator', namespace }],
};
export const testLabels = { 'examples-test': id };

beforeAll(async () => {
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: testLabels } });
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
    return (await tryKubectl([...inNamespace, 'get', 'serviceaccount', 'default'])).code === 0;
  });
});

afterAll(async () => {
  await remove('clusterrolebinding', namespace);
  await remove('nodes', '-l', `examples-test=${id}`);
  await remove('namespace', namespace);
});

export interface Changes {
  readonly env?: Readonly<Record<string, string>>;
  readonly snapshot?: string;
  readonly mounts?: readonly Record<string, unknown>[];
  readonly volumes?: readonly Record<string, unknown>[];
  /** Replaces the entry's arguments. */
  readonly args?: readonly string[];
  /** Overrides fields of the pod's spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

interface Ended {
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  readonly log: string;
}

/** Creates the pod that a validator's Job would create for this entry of the catalog. @returns its name. */
export async function start(name: string, changes: Changes = {}): Promise<string> {
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
    metadata: { name: pod, namespace, labels: testLabels },
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

/** JSONPath of the validator container's status. */
export const containerStatus = '.status.containerStatuses[?(@.name=="validator")]';

/** Waits until a JSONPath of a pod has a value. @param path as `kubectl wait --for=jsonpath` takes it. */
export async function waitForPod(pod: string, path: string, seconds = 120): Promise<void> {
  await kubectl([...inNamespace, 'wait', `pod/${pod}`, `--for=jsonpath=${path}`, `--timeout=${seconds}s`]);
}

/** Runs an example validator to its end. */
export async function run(name: string, changes: Changes = {}): Promise<Ended> {
  const pod = await start(name, changes);
  try {
    await waitForPod(pod, `{${containerStatus}.state.terminated.reason}`);
    const fields = ['exitCode', 'reason', 'message'].map((field) =>
      kubectl([...inNamespace, 'get', 'pod', pod, '-o', `jsonpath={${containerStatus}.state.terminated.${field}}`]),
    );
    const [exitCode = '', reason = '', message = ''] = await Promise.all(fields);
    const log = await kubectl([...inNamespace, 'logs', pod]);
    return { exitCode: Number(exitCode), reason, message, log };
  } finally {
    await remove(...inNamespace, 'pod', pod);
  }
}

export const passed = (message: RegExp) =>
  expect.objectContaining({ exitCode: 0, message: expect.stringMatching(message) });
export const failed = (message: RegExp) =>
  expect.objectContaining({ exitCode: 1, message: expect.stringMatching(message) });
export const skipped = (message: RegExp) =>
  expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) });
