import { afterAll, beforeAll, it } from 'vitest';
import { createSite, type Site, stack, type WorkerProcess } from '../harness.ts';
import { checkFault, type Fault } from './fault.ts';
import { Kube } from './kube.ts';
import { Registry } from './registry.ts';
import { Scene } from './scene.ts';
import { type PatchStep, Webhook } from './webhook.ts';

/** What all scenes share: a worker that knows nothing of them, a registry, a webhook and a Kubernetes client. */
class Stage {
  readonly kube = new Kube(stack.cluster.kubeconfig);
  #shared: { site: Site; isolated: Site; webhook: Webhook; registry: Registry } | undefined;
  #isolatedWorker: WorkerProcess | undefined;

  async setUp(): Promise<void> {
    const sites = [createSite('causes'), createSite('isolated')] as const;
    const [site, isolated, webhook, registry] = await Promise.all([...sites, Webhook.start(), Registry.start()]);
    this.#shared = { site, isolated, webhook, registry };
    const [worker] = await Promise.all([startWorker(isolated), startWorker(site)]);
    this.#isolatedWorker = worker;
  }

  async close(): Promise<void> {
    await Promise.all([this.#shared?.webhook.close(), this.#shared?.registry.close(), this.kube.close()]);
  }

  /** A second site, whose worker a test may end without affecting the scenes of the shared one. */
  get isolated(): Site {
    return this.#props.isolated;
  }

  async endIsolated(): Promise<void> {
    await this.#isolatedWorker?.end('SIGTERM');
  }

  /** Starts the worker without waiting for it. It takes over the pending work when it is ready. */
  startIsolated(): void {
    startWorker(this.isolated).catch(() => undefined);
  }

  get registry(): Registry {
    return this.#props.registry;
  }

  /** Opens a scene, which the caller has to close. */
  open(fault: string, site = this.#props.site): Promise<Scene> {
    return Scene.open(site, this.kube, this.#props.webhook, fault);
  }

  /**
   * Opens a scene for `work` and closes it. @param site if another worker than the shared one is to execute the run.
   */
  async scene(fault: string, work: (scene: Scene) => Promise<void>, site?: Site): Promise<void> {
    const scene = await this.open(fault, site);
    try {
      await work(scene);
    } finally {
      await scene.close();
    }
  }

  async node(): Promise<Node['metadata']> {
    const [node] = await this.kube.list<Node>('/api/v1/nodes');
    if (node === undefined) throw new Error('the cluster has no node');
    return node.metadata;
  }

  get #props() {
    if (this.#shared === undefined) throw new Error('the stage is not open');
    return this.#shared;
  }
}

interface Node {
  metadata: { name: string };
}

export const stage = new Stage();

/** Starts a worker with Proctor's defaults, except that it serves every namespace, since each scene has its own. */
export function startWorker(site: Site): Promise<WorkerProcess> {
  return site.startWorker({ PROCTOR_ALLOW_NAMESPACES: '*' });
}

/** Sets up the stage before the tests and closes it afterwards. Call it once, at the top of the test file. */
export function openStage(): void {
  beforeAll(() => stage.setUp());
  afterAll(() => stage.close());
}

/** Tests a fault that affects its own scene only, so that other faults can be tested at the same time. */
export function concurrentFault(fault: string, how: Fault): void {
  it.concurrent(fault, () => stage.scene(fault, (scene) => checkFault(fault, scene, how)));
}

/** Tests a fault of the whole cluster, alone. */
export function clusterFault(fault: string, how: Fault): void {
  it(fault, () => stage.scene(fault, (scene) => checkFault(fault, scene, how)));
}

/** Part of a request, for tests of the first attempt's cause. */
export const oneAttempt = { attempts: 1 };

export const add = (path: string, value: unknown): PatchStep => ({ op: 'add', path, value });

/** Mounts a volume named `extra` at `/extra` in a pod's first container. */
export const addVolume = (source: Record<string, unknown>): PatchStep[] => [
  add('/spec/volumes/-', { name: 'extra', ...source }),
  add('/spec/containers/0/volumeMounts/-', { name: 'extra', mountPath: '/extra' }),
];

export function container(name: string, script: string) {
  return {
    name,
    image: stack.image,
    args: ['-c', script],
    resources: { requests: { cpu: '10m', memory: '8Mi' } },
  };
}

/** The default of `kubectl delete job`: the garbage collector deletes the pods afterwards. */
export const BACKGROUND = { propagationPolicy: 'Background' };

/** Deletes an object of the cluster. @returns when the delete was requested, in milliseconds. */
export async function deleteObject(path: string, options?: unknown): Promise<number> {
  const atMs = Date.now();
  await stage.kube.delete(path, options);
  return atMs;
}
