import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import type { Container, Job, JobSpec, PodSpec } from '../../src/kubernetes/types.ts';
import { ACTIVITY_QUEUES } from '../../src/run/activity-queues.ts';
import { asFirstRunId, asRunId, asWorkflowId } from '../../src/run/ids.ts';
import type { Marks } from '../../src/run/marks.ts';
import { withMarks } from '../../src/run/marks.ts';
import type { NamedUid, RunScope } from '../../src/run/scope.ts';
import { clusterQueues } from '../../src/run/task-queues.ts';
import { copyKubeconfig } from '../kubeconfig.ts';
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
type Input<N extends keyof Activities> = Omit<Parameters<Activities[N]>[0], 'version'>;
type Output<N extends keyof Activities> = Awaited<ReturnType<Activities[N]>>;

/** The field managers that have applied an object. */
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
  /** Sidecars by Kubernetes' own definition. */
  initContainers?: (Container & { restartPolicy: 'Always' })[];
}

/** A test file's own Temporal namespace and Kubernetes namespace, in which a real worker executes single activities. */
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

  /** The scope of a new run on the cluster of that name. */
  run(cluster = 'local'): RunScope {
    const runId = asRunId(uniqueId('run'));
    const marks: Marks = {
      installation: this.#installation,
      workflowId: asWorkflowId(runId),
      workflowRunId: asFirstRunId(runId),
    };
    return { cluster: { name: cluster, uid: this.#clusterUid }, namespace: this.namespace, runId, marks };
  }

  /** Executes an activity once. @throws the ApplicationFailure that a workflow would see. */
  async call<N extends keyof Activities>(name: N, run: RunScope, input: Omit<Input<N>, 'run'>): Promise<Output<N>> {
    const queues = clusterQueues(run.cluster.name);
    const one: OneActivity = {
      taskQueue: queues[ACTIVITY_QUEUES[name]],
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

  /** Executes an activity that must fail. @returns its failure. */
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

  /** Creates a Job with Proctor's marks and any pod that a test needs, also one that Proctor would not render. */
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

  /** An object by kind and name, in the file's namespace if its kind has namespaces; undefined if it does not exist. */
  async find(kind: string, name: string): Promise<KubernetesObject | undefined> {
    const how = ['-n', this.namespace, '--ignore-not-found', '--show-managed-fields', '-o', 'json'];
    const answer = await kubectl('get', kind, name, ...how);
    return answer === '' ? undefined : JSON.parse(answer);
  }

  /** Starts a worker that serves the cluster `name` with only the permissions that {@link Identity.allow} gives it. */
  async startRestricted(name: string): Promise<Identity> {
    const user = uniqueId(name);
    await kubectl('create', 'serviceaccount', user, '-n', this.namespace);
    const token = (await kubectl('create', 'token', user, '-n', this.namespace)).trim();
    const KUBECONFIG = copyKubeconfig(stack.cluster.kubeconfig, join(this.#folder, name), { token });
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

/** Every activity first reads the cluster's identity. */
const ALWAYS: Rule = { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'create', 'patch'] };

export class Identity {
  readonly #site: PromisesSite;
  readonly #user: string;

  constructor(site: PromisesSite, user: string) {
    this.#site = site;
    this.#user = user;
  }

  /** Replaces all its permissions by these rules. Resolves when the API server applies them. */
  async allow(rules: Rule[]): Promise<void> {
    // One more rule, for a ConfigMap that does not exist, shows when the rules have taken effect.
    const probe = uniqueId('probe');
    const rule = { apiGroups: [''], resources: ['configmaps'], resourceNames: [probe], verbs: ['get'] };
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: this.#user },
      rules: [ALWAYS, ...rules, rule],
    };
    await kubectl('apply', '--server-side', '-f', this.#site.file('role', role));
    const as = `--as=system:serviceaccount:${this.#site.namespace}:${this.#user}`;
    await until('the rules have taken effect', async () => {
      const answer = await kubectl('auth', 'can-i', 'get', `configmaps/${probe}`, as, '-n', this.#site.namespace);
      return answer.trim() === 'yes';
    });
  }
}

/** Runs a worker for {@link oneActivity} in this process. */
async function serve(namespace: string): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address: stack.temporal.address });
  const workflowsPath = fileURLToPath(new URL('promises-workflow.ts', import.meta.url));
  const worker = await until('the namespace can be used', () =>
    Worker.create({ connection, namespace, taskQueue: TASK_QUEUE, workflowsPath }),
  );
  const ended = worker.run();
  afterAll(async () => {
    worker.shutdown();
    await ended;
    await connection.close();
  });
}
