import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, inject } from 'vitest';
import { until } from '../../dev/poll.ts';
import { createNamespace } from '../../dev/temporal-namespace.ts';
import { ProctorClient, type SweepResult, type ValidateClusterRequest } from '../../src/client.ts';
import { endWithParent } from '../end-with-parent.ts';

export { until } from '../../dev/poll.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

export const stack = inject('stack');

/** The namespace that a run uses by default. */
export const NAMESPACE = 'aicr-validation';

/** Runs a command from the repository's root and returns its standard output. @throws if its exit code is not 0. */
export async function command(file: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run(file, args, { cwd: root, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

export function kubectl(...args: string[]): Promise<string> {
  return command(stack.cluster.kubectl, ['--kubeconfig', stack.cluster.kubeconfig, ...args]);
}

export interface KubernetesObject {
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    labels?: Record<string, string>;
    deletionTimestamp?: string;
  };
  status?: Record<string, unknown>;
  data?: Record<string, string>;
}

export async function listObjects(kinds: string, ...args: string[]): Promise<KubernetesObject[]> {
  return JSON.parse(await kubectl('get', kinds, '-o', 'json', ...args)).items;
}

/** The pod of this validator if it runs, otherwise undefined. */
export async function runningPod(validator: string, namespace = NAMESPACE): Promise<KubernetesObject | undefined> {
  const [pod] = await listObjects('pods', '-n', namespace, '-l', `aicr.run/validator=${validator}`);
  return pod?.status?.phase === 'Running' ? pod : undefined;
}

/** Every object on the cluster that has the run id in its name or labels, as `Kind/name`. */
export async function traces(runId: string): Promise<string[]> {
  const objects = await listObjects(
    'jobs,pods,configmaps,serviceaccounts,clusterrolebindings,secrets',
    '--all-namespaces',
  );
  const ofRun = ({ metadata }: KubernetesObject) =>
    metadata.name.includes(runId) || Object.values(metadata.labels ?? {}).includes(runId);
  return objects.filter(ofRun).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
}

interface AuditEvent {
  objectRef?: { name?: string };
  responseStatus?: { code?: number };
}

/**
 * Counts in the API server's own audit log how often Jobs whose name has this part were created. The log has code 504
 * for a request whose connection was cut, whether or not it created the Job. Such a request counts only if no other
 * request is known to have created that Job.
 */
export async function jobsCreated(namePart: string): Promise<number> {
  if (stack.cluster.auditLog === undefined)
    throw new Error('this test counts Jobs in the audit log, which only a native cluster has');
  const log = await readFile(stack.cluster.auditLog, 'utf8');
  // The API server is still writing whatever follows the last line break.
  const lines = log.split('\n').slice(0, -1);
  const [created, unanswered] = [new Map<string, number>(), new Set<string>()];
  for (const line of lines.filter((one) => one.includes(namePart))) {
    const { objectRef, responseStatus }: AuditEvent = JSON.parse(line);
    const name = objectRef?.name ?? '';
    if (!name.includes(namePart)) continue;
    if (responseStatus?.code === 201) created.set(name, (created.get(name) ?? 0) + 1);
    if (responseStatus?.code === 504) unanswered.add(name);
  }
  const unknown = [...unanswered].filter((name) => !created.has(name)).length;
  return [...created.values()].reduce((sum, count) => sum + count, unknown);
}

/** A worker process, started the way a user starts it. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  #output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.#output += data.toString();
      });
    }
  }

  static async start(env: Record<string, string>): Promise<WorkerProcess> {
    const child = spawn(process.execPath, ['src/worker.ts'], {
      cwd: root,
      env: { ...process.env, PROCTOR_WORKFLOW_BUNDLE: inject('workflowBundle'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    endWithParent(child.pid);
    const worker = new WorkerProcess(child);
    // A worker that ends fails the start at once, so that the caller can try again without waiting for the deadline.
    await until('the worker serves its cluster', async () => worker.exited || worker.serving);
    if (!worker.serving) throw new Error(`the worker ended: ${worker.output}`);
    return worker;
  }

  get output(): string {
    return this.#output;
  }

  get serving(): boolean {
    return this.#output.includes('serving cluster');
  }

  get exited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Sends the process a signal and waits until it has exited. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    if (!this.exited) {
      const gone = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill(signal);
      await gone;
    }
    return { code: this.#child.exitCode, signal: this.#child.signalCode };
  }
}

export interface Site {
  /** Environment for a worker or the Temporal CLI to use this namespace. */
  env: Record<string, string>;
  proctor: ProctorClient;
  startWorker(env?: Record<string, string>): Promise<WorkerProcess>;
}

/**
 * Creates a Temporal namespace for one test file, so that its workers see only its own runs. The workers end when the
 * file's tests have ended.
 */
export async function createSite(name: string): Promise<Site> {
  const namespace = await createNamespace(stack.temporal, name);
  const { address } = stack.temporal;
  const env = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    KUBECONFIG: stack.cluster.kubeconfig,
    PROCTOR_ALLOW_CLUSTER_ROLES: 'cluster-admin',
  };
  const connection = await Connection.connect({ address });
  const proctor = new ProctorClient(new Client({ connection, namespace }));
  const workers: WorkerProcess[] = [];
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.end()));
    await proctor.close();
  });
  return {
    env,
    proctor,
    startWorker: async (more = {}) => {
      // Parts of the server do not know a new namespace until they have refreshed their caches.
      const worker = await until('the namespace can be used', () => WorkerProcess.start({ ...env, ...more }));
      workers.push(worker);
      return worker;
    },
  };
}

interface ShellValidator {
  name: string;
  script: string;
  phase?: string;
  timeout?: string;
  image?: string;
  memory?: string;
}

/** A request whose inline catalog consists of small shell validators. */
export function request(
  validators: ShellValidator[],
  more: Partial<ValidateClusterRequest> = {},
): ValidateClusterRequest {
  const entries = validators.map(
    ({ name, script, phase = 'deployment', timeout = '2m', image = stack.image, memory = '16Mi' }) => ({
      name,
      phase,
      image,
      timeout,
      args: ['-c', script],
      resources: { cpu: '20m', memory },
      exclusive: [],
    }),
  );
  return {
    cluster: 'local',
    catalog: {
      inline: {
        apiVersion: 'validator.nvidia.com/v1alpha1',
        kind: 'ValidatorCatalog',
        metadata: { name: 'test', version: '1' },
        validators: entries,
      },
    },
    ...more,
  };
}

/** Waits until one validator of a run is done while the validator `running` runs. @returns the run's progress then. */
export function untilOneIsDone(site: Site, workflowId: string, running: string, namespace = NAMESPACE) {
  return until(`one validator is done and ${running} runs`, async () => {
    const progress = await site.proctor.progress(workflowId);
    return progress.done === 1 && (await runningPod(running, namespace)) !== undefined && progress;
  });
}

/** Sweeps the cluster once. */
export function sweep(site: Site, input: { minAge?: string } = {}): Promise<SweepResult> {
  return site.proctor.client.workflow.execute('sweep', {
    taskQueue: 'proctor',
    workflowId: uniqueId('sweep'),
    args: [{ cluster: 'local', ...input }],
  });
}

/** A script that waits in its container until the test calls {@link release}, so that no test depends on timing. */
export const UNTIL_RELEASED = 'until [ -e /dev/shm/released ]; do sleep 1; done';

/** A script that runs for ten minutes and exits with 0 on SIGTERM. */
export const UNTIL_SIGTERM = 'trap "exit 0" TERM; sleep 600 & wait';

/** Waits until a pod with this label runs, and ends its validator's {@link UNTIL_RELEASED}. */
export async function release(label: string, namespace = NAMESPACE): Promise<void> {
  const running = ['-l', label, '--field-selector=status.phase=Running'];
  await until(`${label} has been released`, async () => {
    const [pod] = await listObjects('pods', '-n', namespace, ...running);
    if (pod === undefined) return false;
    await kubectl('exec', pod.metadata.name, '-n', namespace, '-c', 'validator', '--', 'touch', '/dev/shm/released');
    return true;
  });
}

/** A name or workflow id that no other test uses. */
export function uniqueId(name: string): string {
  return `${name}-${randomBytes(4).toString('hex')}`;
}
