import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { down, type Stack, status, up } from '../../dev/stack.ts';
import { ProctorClient } from '../../src/client.ts';
import { Kube } from '../e2e/causes/kube.ts';
import { bundleWorkflowsInto } from '../workflow-bundle.ts';
import { Counter } from './counter.ts';
import { listObjects } from './leftovers.ts';
import { Pool } from './pool.ts';

const WORKERS = 4;
const NAMESPACE = 'aicr-validation';

/**
 * What all rounds share: a stack whose Temporal server keeps its data, workers, and clients and counters that use none
 * of Proctor's code.
 */
export interface Stage {
  stack: Stack;
  kube: Kube;
  proctor: ProctorClient;
  pool: Pool;
  counter: Counter;
  /** What was on the cluster before the first run. */
  before: Set<string>;
  close(): Promise<void>;
}

/**
 * Brings up the stack and what a round needs.
 * @param name of the stack. If it is up already, it is used as it is and stays up.
 * @param log receives the stack's progress.
 */
export async function openStage(name: string, log: (line: string) => void): Promise<Stage> {
  const wasUp = (await status({ name })).up;
  const stack = await up({ name, cluster: 'native', temporalDbFile: true, log });
  const kube = new Kube(stack.cluster.kubeconfig);
  const folder = mkdtempSync(join(tmpdir(), 'proctor-chaos-'));
  const pool = new Pool(stack, WORKERS, { PROCTOR_WORKFLOW_BUNDLE: await bundleWorkflowsInto(folder) });
  const counter = await Counter.start(await addressForPods(kube));
  const connection = await Connection.connect({ address: stack.temporal.address });
  const proctor = new ProctorClient(new Client({ connection, namespace: stack.temporal.namespace }));
  await kube.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } }).catch(() => undefined);
  return {
    stack,
    kube,
    proctor,
    pool,
    counter,
    before: await listObjects(kube),
    close: async () => {
      await pool.close();
      await Promise.all([counter.close(), proctor.close(), kube.close()]);
      rmSync(folder, { recursive: true });
      if (!wasUp) await down({ name, purge: true, log });
    },
  };
}

/** The node's own address on the bridge of its pods. */
async function addressForPods(kube: Kube): Promise<string> {
  interface Node {
    status: { addresses: { type: string; address: string }[] };
  }
  const [node] = await kube.list<Node>('/api/v1/nodes');
  const address = node?.status.addresses.find(({ type }) => type === 'InternalIP')?.address;
  if (address === undefined) throw new Error('the cluster has no node with an address');
  return address;
}
