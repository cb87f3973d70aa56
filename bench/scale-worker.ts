// A worker like src/worker.ts, with slots for more Jobs. It also reports to the benchmark when each wait begins and
// returns.
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { type Activities, createActivities } from '../src/activities/index.ts';
import { Clusters, connect } from '../src/cluster/clusters.ts';
import { kubeConfigSource } from '../src/cluster/credentials/kubeconfig.ts';
import { loadPolicy } from '../src/config/policy-file.ts';
import { installationSelector } from '../src/run/marks.ts';
import { clusterQueues, WORKFLOW_QUEUE } from '../src/run/task-queues.ts';
import { runResultStore } from '../src/store/run-result-store.ts';
import { createLogger } from '../src/temporal/logger.ts';
import { runState } from '../src/temporal/run-state.ts';

const CLUSTER = 'local';
const SLOTS = { work: 20, wait: 2000, cleanup: 40 };

/** A Job's wait that began or returned, with the time in nanoseconds of the machine's monotonic clock. */
export type WaitReport = { began: string } | { returned: string; at: string };

/** The same activities, which also report each wait. */
function withWaitReports(activities: Activities): Activities {
  const { waitForCompletion } = activities;
  return {
    ...activities,
    waitForCompletion: async (input) => {
      report({ began: input.job.name });
      const ending = await waitForCompletion(input);
      // If the pod's queue has changed, the wait returns too, but the next one begins at once.
      if (ending.kind !== 'queue') report({ returned: input.job.name, at: String(process.hrtime.bigint()) });
      return ending;
    },
  };
}

function report(message: WaitReport): void {
  process.send?.(message);
}

async function main(): Promise<void> {
  Runtime.install({ logger: createLogger(process.env) });
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  const client = new Client({ connection, namespace });
  const { namespaceInfo } = await client.workflowService.describeNamespace({ namespace });
  const installation = namespaceInfo?.id ?? '';
  const selector = installationSelector(installation);
  const cluster = connect(CLUSTER, kubeConfigSource(CLUSTER), { userAgent: 'proctor-bench', selector });
  const clusters = new Clusters([cluster]);
  const activities = createActivities({
    clusters,
    installation,
    policy: loadPolicy(process.env),
    resultStore: runResultStore,
    runState: (workflowId, firstRunId) => runState(client, workflowId, firstRunId),
    validatorOutcome: async () => null,
    searchAttributes: async () => false,
    version: 'bench',
  });
  const common = { connection, namespace, activities: withWaitReports(activities) };
  const queues = clusterQueues(CLUSTER);
  const workers = await Promise.all([
    Worker.create({
      connection,
      namespace,
      taskQueue: WORKFLOW_QUEUE,
      workflowsPath: fileURLToPath(new URL('../src/workflows/index.ts', import.meta.url)),
    }),
    ...(['work', 'wait', 'cleanup'] as const).map((queue) =>
      Worker.create({
        ...common,
        taskQueue: queues[queue],
        maxConcurrentActivityTaskExecutions: SLOTS[queue],
        maxHeartbeatThrottleInterval: '5s',
        shutdownGraceTime: '3s',
      }),
    ),
  ]);
  console.log(`serving cluster ${CLUSTER}`);
  await Promise.all(workers.map((worker) => worker.run()));
  await clusters.close();
  await connection.close();
  process.disconnect();
}

await main();
