import type { Condition, KubernetesObject } from '../kubernetes/types.ts';
import type { NodeProblem } from '../run/ending/symptom.ts';
import { untilAborted } from './abortable.ts';
import type { ClusterApi } from './api.ts';
import { NODES } from './resources.ts';

interface Node extends KubernetesObject {
  status?: { conditions?: Condition[] };
}

/** How long an answer about a node is reused, however many validators run on it. */
const FRESH_MS = 15_000;

/**
 * The readiness of nodes, shared by all waiters for pods on them. Validators tolerate every taint, so the node
 * controller never evicts their pods. Only the node's own condition shows that its pods can no longer report their
 * state.
 */
export class Nodes {
  readonly #api: ClusterApi;
  readonly #answers = new Map<string, { at: number; problem: Promise<NodeProblem | undefined> }>();

  constructor(api: ClusterApi) {
    this.#api = api;
  }

  /** What is wrong with a node, in the words of its Ready condition; undefined if it is Ready. */
  problem(name: string, signal: AbortSignal): Promise<NodeProblem | undefined> {
    const now = performance.now();
    let answer = this.#answers.get(name);
    if (answer === undefined || now - answer.at >= FRESH_MS) {
      // The request does not use the caller's signal, since other callers wait for the same answer.
      answer = { at: now, problem: this.#readProblem(name) };
      this.#answers.set(name, answer);
      answer.problem.catch(() => this.#answers.delete(name));
    }
    return untilAborted(answer.problem, signal);
  }

  async #readProblem(name: string): Promise<NodeProblem | undefined> {
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
