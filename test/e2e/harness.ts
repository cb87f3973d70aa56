import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, inject } from 'vitest';
import { until } from '../../dev/poll.ts';
import { createNamespace } from '../../dev/temporal-namespace.ts';
import { ProctorClient, type ValidateClusterRequest } from '../../src/client.ts';
import { endWithUs } from '../end-with-parent.ts';

export { until } from '../../dev/poll.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

export const stack = inject('stack');

/** The result of a command that succeeded, as text. */
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

/** Everything on the cluster that a run made, whatever its kind; found by the run id, in names or labels. */
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
 * How often Jobs of a name were created, by the API server's own audit log: nobody else's word is taken for it. A request whose connection was
 * cut is answered 504, whatever it did: it counts where no other is known to have made its Job.
 */
export async function jobsCreated(namePart: string): Promise<number> {
  if (stack.cluster.auditLog === undefined)
    throw new Error('this test counts Jobs in the audit log, which only a native cluster has');
  const log = await readFile(stack.cluster.auditLog, 'utf8');
  // What comes after the last end of a line is still being written.
  const lines = log.split('\n').slice(0, -1);
  const [created, cut] = [new Map<string, number>(), new Set<string>()];
  for (const line of lines.filter((one) => one.includes(namePart))) {
    const { objectRef, responseStatus }: AuditEvent = JSON.parse(line);
    const name = objectRef?.name ?? '';
    if (!name.includes(namePart)) continue;
    if (responseStatus?.code === 201) created.set(name, (created.get(name) ?? 0) + 1);
    if (responseStatus?.code === 504) cut.add(name);
  }
  const unheard = [...cut].filter((name) => !created.has(name)).length;
  return [...created.values()].reduce((sum, count) => sum + count, unheard);
}

/** A worker process, started as a user would start it. */
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
    endWithUs(child.pid);
    const worker = new WorkerProcess(child);
    // That it ended is said at once, and not only when the time is over: whoever started it may try again.
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

  /** Ends the process by a signal and waits until it is gone. */
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
  /** Environment of a worker or a Temporal CLI that is to work in this namespace. */
  env: Record<string, string>;
  proctor: ProctorClient;
  startWorker(env?: Record<string, string>): Promise<WorkerProcess>;
}

/** A Temporal namespace of the test file's own, so that its workers see nobody else's runs; its workers end with the file. */
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
      // A namespace is known to all of the server's parts only after its caches have been refreshed.
      const worker = await until('the namespace can be worked in', () => WorkerProcess.start({ ...env, ...more }));
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

/** A request with a catalog of small shell validators. */
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

/** The beginning of a script whose validator goes on only once the test has told it to: then its test is in no hurry. */
export const UNTIL_TOLD = 'until [ -e /dev/shm/told ]; do sleep 1; done';

/** Tells the validator whose pod has this label, once it runs, to go on. */
export async function tell(label: string, namespace = 'aicr-validation'): Promise<void> {
  const running = ['-l', label, '--field-selector=status.phase=Running'];
  await until(`${label} has been told to go on`, async () => {
    const [pod] = await listObjects('pods', '-n', namespace, ...running);
    if (pod === undefined) return false;
    await kubectl('exec', pod.metadata.name, '-n', namespace, '-c', 'validator', '--', 'touch', '/dev/shm/told');
    return true;
  });
}

/** A workflow id that no other test has. */
export function uniqueId(name: string): string {
  return `${name}-${randomBytes(4).toString('hex')}`;
}
