import { afterAll, beforeAll, it } from 'vitest';
import { createSite, type Site, stack, type WorkerProcess } from '../harness.ts';
import { checkFault, type Fault } from './fault.ts';
import { Kube } from './kube.ts';
import { Registry } from './registry.ts';
import { Scene } from './scene.ts';
import { type PatchStep, Webhook } from './webhook.ts';

/** What all scenes share: a worker that knows nothing of them, a registry, a webhook, and a hand on the cluster. */
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

  /** A site whose workers come and go. */
  get isolated(): Site {
    return this.#props.isolated;
  }

  async endIsolated(): Promise<void> {
    await this.#isolatedWorker?.end('SIGTERM');
  }

  /** Nobody waits for it: it takes up work once it is there. */
  startIsolated(): void {
    startWorker(this.isolated).catch(() => undefined);
  }

  get registry(): Registry {
    return this.#props.registry;
  }

  /** The caller closes it. */
  open(fault: string, site = this.#props.site): Promise<Scene> {
    return Scene.open(site, this.kube, this.#props.webhook, fault);
  }

  /** @param site where another worker than the shared one is to do the work. */
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

/** A worker with the product's own defaults, but that scenes have namespaces of their own. */
export function startWorker(site: Site): Promise<WorkerProcess> {
  return site.startWorker({ PROCTOR_ALLOW_NAMESPACES: '*' });
}

/** To be called once, at the top of the test file. */
export function openStage(): void {
  beforeAll(() => stage.setUp());
  afterAll(() => stage.close());
}

/** A trouble that others do not notice, and that does not notice others. */
export function concurrentFault(fault: string, how: Fault): void {
  it.concurrent(fault, () => stage.scene(fault, (scene) => checkFault(fault, scene, how)));
}

/** A trouble of the whole cluster. */
export function clusterFault(fault: string, how: Fault): void {
  it(fault, () => stage.scene(fault, (scene) => checkFault(fault, scene, how)));
}

/** For requests: the first attempt's cause is what the test is about. */
export const oneAttempt = { attempts: 1 };

export const add = (path: string, value: unknown): PatchStep => ({ op: 'add', path, value });

export function container(name: string, script: string) {
  return {
    name,
    image: stack.image,
    args: ['-c', script],
    resources: { requests: { cpu: '10m', memory: '8Mi' } },
  };
}

/** As `kubectl delete job` does it: the pods are collected afterwards. */
export const BACKGROUND = { propagationPolicy: 'Background' };

/** Deletes an object of the cluster. @returns when that was asked for, in milliseconds. */
export async function deleteObject(path: string, options?: unknown): Promise<number> {
  const atMs = Date.now();
  await stage.kube.delete(path, options);
  return atMs;
}
