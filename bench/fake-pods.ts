import { setTimeout as wait } from 'node:timers/promises';
import { PODS, resourcePath } from '../src/cluster/resources.ts';
import { ResourceWatch } from '../src/cluster/watch/resource-watch.ts';
import { JOB_NAME_LABEL } from '../src/kubernetes/job.ts';
import { VALIDATOR_CONTAINER_NAME } from '../src/kubernetes/pod.ts';
import type { Pod } from '../src/kubernetes/types.ts';
import type { BulkClient } from './bulk-client.ts';
import { round } from './figures.ts';
import type { ScaleBench } from './scale-bench.ts';

/** The pods of a namespace on fake nodes. Counts the running ones, and ends them as a kubelet would. */
export class FakePods {
  readonly #bulk: BulkClient;
  readonly #namespace: string;
  readonly #running = new Map<string, Pod>();
  readonly #watch: ResourceWatch<Pod>;

  constructor({ direct, bulk }: ScaleBench, namespace: string) {
    this.#bulk = bulk;
    this.#namespace = namespace;
    const options = { ownConnection: true };
    this.#watch = new ResourceWatch<Pod>(direct.api, { resource: PODS, namespace }, this.#handlers(), options);
  }

  get running(): number {
    return this.#running.size;
  }

  /** Ends this number of running pods at this rate. @returns the actual rate, in pods per second. */
  async end(count: number, perSecond: number): Promise<number> {
    const from = performance.now();
    const ended: Promise<void>[] = [];
    for (const pod of this.#takeRunning(count)) {
      await wait(Math.max(0, from + (ended.length * 1000) / perSecond - performance.now()));
      const end = this.#end(pod);
      // `Promise.all` below reports the failure.
      end.catch(() => undefined);
      ended.push(end);
    }
    await Promise.all(ended);
    return round((ended.length * 1000) / (performance.now() - from), 1);
  }

  async close(): Promise<void> {
    this.#watch.stop();
    await this.#watch.done;
  }

  #takeRunning(count: number): Pod[] {
    const pods = [...this.#running].slice(0, count);
    for (const [uid] of pods) this.#running.delete(uid);
    return pods.map(([, pod]) => pod);
  }

  #handlers() {
    const see = (pod: Pod) => {
      const uid = pod.metadata.uid ?? '';
      this.#running.delete(uid);
      if (pod.status?.phase !== 'Running' || pod.metadata.labels?.[JOB_NAME_LABEL] === undefined) return;
      if (pod.metadata.deletionTimestamp !== undefined) return;
      this.#running.set(uid, pod);
    };
    return {
      listed: (pods: Pod[]) => {
        this.#running.clear();
        pods.forEach(see);
      },
      changed: see,
      deleted: (pod: Pod) => {
        this.#running.delete(pod.metadata.uid ?? '');
      },
    };
  }

  async #end({ metadata, status }: Pod): Promise<void> {
    const now = new Date().toISOString().replace(/\.\d+/, '');
    const terminated = { exitCode: 0, reason: 'Completed', startedAt: status?.startTime ?? now, finishedAt: now };
    const image = status?.containerStatuses?.[0]?.image ?? '';
    const rest = { image, imageID: image, ready: false, started: false, restartCount: 0 };
    const container = { name: VALIDATOR_CONTAINER_NAME, ...rest, state: { terminated } };
    const { name = '' } = metadata;
    const path = `${resourcePath(PODS, this.#namespace, name)}/status`;
    const body = { status: { phase: 'Succeeded', containerStatuses: [container] } };
    await this.#bulk.send('PATCH', path, 'application/merge-patch+json', body);
  }
}
