import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Activities } from '../../src/activities/index.ts';
import type { Container, Job, JobSpec, PodSpec } from '../../src/kubernetes/types.ts';
import type { Marks } from '../../src/run/marks.ts';
import { withMarks } from '../../src/run/marks.ts';
import type { NamedUid, RunScope } from '../../src/run/scope.ts';
import { clusterQueues } from '../../src/run/task-queues.ts';
import {
  createSite,
  type KubernetesObject,
  kubectl,
  listObjects,
  type Site,
  stack,
  uniqueId,
  until,
} from './harness.ts';
import type { OneActivity, oneActivity } from './promises-workflow.ts';

const TASK_QUEUE = 'promises';
const ANY_NAMESPACE = { PROCTOR_ALLOW_NAMESPACES: '*' };
const QUEUE_OF: Partial<Record<keyof Activities, 'wait' | 'cleanup'>> = {
  waitForCompletion: 'wait',
  cleanupJob: 'cleanup',
  waitForPodTermination: 'cleanup',
  cleanupDataConfigMaps: 'cleanup',
  cleanupRBAC: 'cleanup',
  deleteAnchor: 'cleanup',
  keepJob: 'cleanup',
  keepAnchor: 'cleanup',
  findRemains: 'cleanup',
};

type Input<N extends keyof Activities> = Omit<Parameters<Activities[N]>[0], 'version'>;
type Output<N extends keyof Activities> = Awaited<ReturnType<Activities[N]>>;

/** The field managers that an object was applied by. */
export function appliedBy(object: KubernetesObject | undefined): string[] {
  const fields = (object?.metadata as { managedFields?: { manager: string; operation: string }[] } | undefined)
    ?.managedFields;
  return (fields ?? []).filter(({ operation }) => operation === 'Apply').map(({ manager }) => manager);
}

/** A container that runs a script with the tests' image. */
export function container(name: string, script: string): Container {
  const resources = { requests: { cpu: '10m', memory: '16Mi' } };
  return { name, image: stack.image, args: ['-c', script], resources };
}

interface MadePod {
  containers: Container[];
  /** What Kubernetes itself knows as sidecars. */
  initContainers?: (Container & { restartPolicy: 'Always' })[];
}

/** A Temporal and a Kubernetes namespace of the test file's own, and a way to have one activity done by a real worker. */
export class PromisesSite {
  readonly site: Site;
  readonly namespace = uniqueId('promises');
  readonly #folder: string;
  readonly #clusterUid: string;
  readonly #installation: string;

  private constructor(site: Site, folder: string, clusterUid: string, installation: string) {
    this.site = site;
    this.#folder = folder;
    this.#clusterUid = clusterUid;
    this.#installation = installation;
  }

  static async create(): Promise<PromisesSite> {
    const site = await createSite('promises');
    const folder = await mkdtemp(join(tmpdir(), 'proctor-promises-'));
    const { metadata } = JSON.parse(await kubectl('get', 'namespace', 'kube-system', '-o', 'json'));
    const { client } = site.proctor;
    const { namespaceInfo } = await client.workflowService.describeNamespace({ namespace: client.options.namespace });
    const created = new PromisesSite(site, folder, metadata.uid, namespaceInfo?.id ?? '');
    await Promise.all([
      site.startWorker(ANY_NAMESPACE),
      serve(client.options.namespace),
      kubectl('create', 'namespace', created.namespace),
    ]);
    afterAll(() => kubectl('delete', 'namespace', created.namespace, '--wait=false'));
    return created;
  }

  /** A run of its own, on the cluster as the worker of that name serves it. */
  run(cluster = 'local'): RunScope {
    const runId = uniqueId('run');
    const marks: Marks = { installation: this.#installation, workflowId: runId, workflowRunId: runId };
    return { cluster: { name: cluster, uid: this.#clusterUid }, namespace: this.namespace, runId, marks };
  }

  /** What the activity answers, or its failure thrown as a workflow would see it. */
  async call<N extends keyof Activities>(name: N, run: RunScope, input: Omit<Input<N>, 'run'>): Promise<Output<N>> {
    const queues = clusterQueues(run.cluster.name);
    const one: OneActivity = {
      taskQueue: queues[QUEUE_OF[name] ?? 'work'],
      name,
      input: { version: 1, run, ...input },
      retry: { maximumAttempts: 1 },
    };
    const options = { taskQueue: TASK_QUEUE, workflowId: uniqueId(name), args: [one] as [OneActivity] };
    try {
      return (await this.site.proctor.client.workflow.execute<typeof oneActivity>('oneActivity', options)) as Output<N>;
    } catch (error) {
      const failure =
        error instanceof WorkflowFailedError && error.cause instanceof ActivityFailure && error.cause.cause;
      throw failure instanceof ApplicationFailure ? failure : error;
    }
  }

  /** As {@link call}, for an activity that must fail. */
  async failure<N extends keyof Activities>(
    name: N,
    run: RunScope,
    input: Omit<Input<N>, 'run'>,
  ): Promise<ApplicationFailure> {
    try {
      await this.call(name, run, input);
    } catch (error) {
      if (error instanceof ApplicationFailure) return error;
      throw error;
    }
    throw new Error(`${name} did not fail`);
  }

  /** A Job with Proctor's marks that Proctor did not render: with whatever pod a test, or an admission webhook, makes of it. */
  async createJob(run: RunScope, pod: MadePod, more: Partial<JobSpec> = {}): Promise<NamedUid> {
    const podSpec: PodSpec = { restartPolicy: 'Never', terminationGracePeriodSeconds: 10, ...pod };
    const job: Job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: withMarks({ name: uniqueId('made'), namespace: this.namespace }, run.marks),
      spec: { backoffLimit: 0, ...more, template: { metadata: withMarks({}, run.marks), spec: podSpec } },
    };
    const { metadata } = JSON.parse(await kubectl('create', '-o', 'json', '-f', this.file('job', job)));
    return { name: metadata.name, uid: metadata.uid };
  }

  anchorOf(run: RunScope): Promise<NamedUid> {
    return this.call('ensureAnchor', run, {});
  }

  podsOf({ name }: NamedUid): Promise<KubernetesObject[]> {
    return listObjects('pods', '-n', this.namespace, '-l', `batch.kubernetes.io/job-name=${name}`);
  }

  /** Waits until the container `validator` of a Job's pod has logged the word. */
  async logged(job: NamedUid, word: string): Promise<void> {
    await until(`${job.name} says ${word}`, async () =>
      (await kubectl('logs', `job/${job.name}`, '-n', this.namespace, '-c', 'validator')).includes(word),
    );
  }

  /** An object by kind and name, in the file's namespace if its kind has one; undefined where it is not there. */
  async find(kind: string, name: string): Promise<KubernetesObject | undefined> {
    const how = ['-n', this.namespace, '--ignore-not-found', '--show-managed-fields', '-o', 'json'];
    const answer = await kubectl('get', kind, name, ...how);
    return answer === '' ? undefined : JSON.parse(answer);
  }

  /** A worker that serves the cluster `name` with an identity that may do what {@link Identity.allow} says and nothing else. */
  async startRestricted(name: string): Promise<Identity> {
    const user = uniqueId(name);
    await kubectl('create', 'serviceaccount', user, '-n', this.namespace);
    const token = (await kubectl('create', 'token', user, '-n', this.namespace)).trim();
    const config = parse(readFileSync(stack.cluster.kubeconfig, 'utf8')) as { users: { user: unknown }[] };
    config.users = config.users.map((entry) => ({ ...entry, user: { token } }));
    const KUBECONFIG = join(this.#folder, name);
    writeFileSync(KUBECONFIG, stringify(config));
    await kubectl(
      'create',
      'clusterrolebinding',
      user,
      `--clusterrole=${user}`,
      `--serviceaccount=${this.namespace}:${user}`,
    );
    afterAll(() => kubectl('delete', 'clusterrolebinding,clusterrole', user, '--ignore-not-found'));
    await this.site.startWorker({ ...ANY_NAMESPACE, KUBECONFIG, PROCTOR_CLUSTER: name });
    return new Identity(this, user);
  }

  file(name: string, content: unknown): string {
    const path = join(this.#folder, uniqueId(name));
    writeFileSync(path, JSON.stringify(content));
    return path;
  }
}

export interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/** Reading the cluster's identity is what every activity begins with. */
const ALWAYS: Rule = { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'create', 'patch'] };

export class Identity {
  readonly #site: PromisesSite;
  readonly #user: string;

  constructor(site: PromisesSite, user: string) {
    this.#site = site;
    this.#user = user;
  }

  /** Gives it these rights and takes all others; resolves when the API server goes by them. */
  async allow(rules: Rule[]): Promise<void> {
    // The right to read a name nobody has is the sign that the rules are in force.
    const sign = uniqueId('sign');
    const rule = { apiGroups: [''], resources: ['configmaps'], resourceNames: [sign], verbs: ['get'] };
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: this.#user },
      rules: [ALWAYS, ...rules, rule],
    };
    await kubectl('apply', '--server-side', '-f', this.#site.file('role', role));
    const as = `--as=system:serviceaccount:${this.#site.namespace}:${this.#user}`;
    await until('the rules are in force', async () => {
      const answer = await kubectl('auth', 'can-i', 'get', `configmaps/${sign}`, as, '-n', this.#site.namespace);
      return answer.trim() === 'yes';
    });
  }
}

/** A worker for the workflow of this file's own, in this process. */
async function serve(namespace: string): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address: stack.temporal.address });
  const workflowsPath = fileURLToPath(new URL('promises-workflow.ts', import.meta.url));
  const worker = await until('the namespace can be worked in', () =>
    Worker.create({ connection, namespace, taskQueue: TASK_QUEUE, workflowsPath }),
  );
  const ended = worker.run();
  afterAll(async () => {
    worker.shutdown();
    await ended;
    await connection.close();
  });
}
