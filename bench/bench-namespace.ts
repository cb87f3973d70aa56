import { Client, Connection } from '@temporalio/client';
import { tryRun } from '../dev/exec.ts';
import { createNamespace } from '../dev/temporal-namespace.ts';
import { CLUSTER_ADMIN_ROLE } from '../src/aicr/constants.ts';
import { ProctorClient } from '../src/client.ts';

/** A Temporal namespace of the benchmark's own. */
export interface BenchNamespace {
  proctor: ProctorClient;
  /** The namespace's UUID, which marks all that is made from it. */
  installation: string;
  /** For workers and commands that are to work in it. */
  env: Record<string, string>;
  close(): Promise<void>;
}

export async function createBenchNamespace(
  temporal: { address: string; cli: string },
  name: string,
): Promise<BenchNamespace> {
  const namespace = await createNamespace(temporal, name);
  const { address, cli } = temporal;
  await known(cli, address, namespace);
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

/** A namespace can be worked in only once all of the server's parts have refreshed what they know of namespaces: within 10 s. */
async function known(cli: string, address: string, namespace: string): Promise<void> {
  for (;;) {
    const { code } = await tryRun(cli, ['workflow', 'count', '--address', address, '--namespace', namespace]);
    const queue = ['task-queue', 'describe', '--task-queue', 'proctor', '--address', address, '--namespace', namespace];
    if (code === 0 && (await tryRun(cli, queue)).code === 0) return;
  }
}
