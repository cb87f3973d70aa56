import { Client, Connection } from '@temporalio/client';
import { tryRun } from '../dev/exec.ts';
import { createNamespace } from '../dev/temporal-namespace.ts';
import { CLUSTER_ADMIN_ROLE } from '../src/aicr/constants.ts';
import { ProctorClient } from '../src/client.ts';

/** A Temporal namespace that only this benchmark uses, and a client in it. */
export interface BenchNamespace {
  proctor: ProctorClient;
  /** UUID of the namespace. Proctor marks every object that it creates with it. */
  installation: string;
  /** Environment variables for workers and commands in this namespace. */
  env: Record<string, string>;
  close(): Promise<void>;
}

export async function createBenchNamespace(
  temporal: { address: string; cli: string },
  name: string,
): Promise<BenchNamespace> {
  const namespace = await createNamespace(temporal, name);
  const { address, cli } = temporal;
  await waitUntilKnown(cli, address, namespace);
  const connection = await Connection.connect({ address });
  const proctor = new ProctorClient(new Client({ connection, namespace }));
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
  return {
    proctor,
    installation: namespaceInfo?.id ?? '',
    env: {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      PROCTOR_CLUSTER: 'local',
      PROCTOR_LOG_LEVEL: 'WARN',
      PROCTOR_ALLOW_CLUSTER_ROLES: CLUSTER_ADMIN_ROLE,
    },
    close: () => proctor.close(),
  };
}

/**
 * Waits until the namespace can be used. Each service of the Temporal server refreshes its list of namespaces every 10
 * seconds.
 */
async function waitUntilKnown(cli: string, address: string, namespace: string): Promise<void> {
  for (;;) {
    const { code } = await tryRun(cli, ['workflow', 'count', '--address', address, '--namespace', namespace]);
    const queue = ['task-queue', 'describe', '--task-queue', 'proctor', '--address', address, '--namespace', namespace];
    if (code === 0 && (await tryRun(cli, queue)).code === 0) return;
  }
}
