import type { Condition, KubernetesObject } from '../kubernetes/types.ts';
import type { NodeProblem } from '../run/ending/symptom.ts';
import { untilAborted } from './abortable.ts';
import type { ClusterApi } from './api.ts';
import { NODES } from './resources.ts';

interface Node extends KubernetesObject {
  status?: { conditions?: Condition[] };
}

/** A node's state is asked for once in this time, however many validators run on it. */
const FRESH_MS = 15_000;

/**
 * Whether nodes are well, shared by all who wait for pods on them. Validators tolerate every taint, so the node controller never evicts one:
 * only its node's own condition tells that a pod which says nothing will say nothing any more.
 */
export class Nodes {
  readonly #api: ClusterApi;
  readonly #known = new Map<string, { at: number; trouble: Promise<NodeProblem | undefined> }>();

  constructor(api: ClusterApi) {
    this.#api = api;
  }

  /** What is wrong with a node, in the words of its Ready condition; undefined while it is Ready. */
  trouble(name: string, signal: AbortSignal): Promise<NodeProblem | undefined> {
    const now = performance.now();
    let known = this.#known.get(name);
    if (known === undefined || now - known.at >= FRESH_MS) {
      // Without the signal of whoever asked first: others wait for the same answer.
      known = { at: now, trouble: this.#ask(name) };
      this.#known.set(name, known);
      known.trouble.catch(() => this.#known.delete(name));
    }
    return untilAborted(known.trouble, signal);
  }

  async #ask(name: string): Promise<NodeProblem | undefined> {
    const node = await this.#api.find<Node>({ resource: NODES, name });
    if (node === undefined) return { evidence: `node ${name} is gone` };
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status === 'True') return undefined;
    const sinceMs = Date.parse(ready?.lastTransitionTime ?? '');
    return {
      evidence: `node ${name} is not Ready: ${ready?.message ?? ready?.reason ?? 'it has no Ready condition'}`,
      ...(!Number.isNaN(sinceMs) && { sinceMs }),
    };
  }
}
