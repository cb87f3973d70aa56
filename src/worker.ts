import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { type Activities, createActivities } from './activities/index.ts';
import { dataConfigMapLabels } from './aicr/job/labels.ts';
import { type Cluster, Clusters, connect } from './cluster/clusters.ts';
import { logObserver } from './cluster/log-observer.ts';
import { clustersFromEnvironment, type ServedCluster } from './config/clusters-file.ts';
import { loadPolicy, policyLine } from './config/policy-file.ts';
import { ownedByAnchor } from './run/anchor.ts';
import { messageOf } from './run/error-message.ts';
import { installationSelector, withMarks } from './run/marks.ts';
import { clusterQueues, WORKFLOW_QUEUE } from './run/task-queues.ts';
import { ConfigMapStore } from './store/config-map-store.ts';
import { validatorOutcome } from './temporal/await-validator-outcome.ts';
import { deploymentOptions } from './temporal/deployment-options.ts';
import { createLogger } from './temporal/logger.ts';
import { areRegistered, registerSearchAttributes } from './temporal/register-search-attributes.ts';
import { runState } from './temporal/run-state.ts';
import { ensureSweepSchedule } from './temporal/sweep-schedule.ts';
import { VERSION } from './version.ts';

/** How long running activities go on after SIGTERM. Waits end at once and are taken up by another worker; short ones get to finish. */
const SHUTDOWN_GRACE = '3s';

/** Which activity is served on which of a cluster's queues; `workflows/activities.ts` schedules them there. */
type ActivityName = keyof Activities;
const WAITING: ActivityName[] = ['waitForCompletion', 'waitForValidator'];
const CLEANING: ActivityName[] = [
  'cleanupJob',
  'waitForPodTermination',
  'cleanupDataConfigMaps',
  'cleanupRBAC',
  'deleteAnchor',
  'keepJob',
  'keepAnchor',
  'findRemains',
  'sweepCluster',
];

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const logger = createLogger(env);
  Runtime.install({ logger });
  const policy = loadPolicy(env);
  const served = clustersFromEnvironment(env);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    const client = new Client({ connection, namespace });
    const installation = await namespaceId(client, namespace);
    const options = {
      userAgent: `proctor/${VERSION}`,
      selector: installationSelector(installation),
      observer: logObserver((level, line) => logger[level](line)),
    };
    const clusters = new Clusters(
      served.map(({ name, source, namespace }) => connect(name, source, { ...options, namespace })),
    );
    const activities = createActivities({
      clusters,
      installation,
      policy,
      resultStore,
      runState: (workflowId, firstRunId) => runState(client, workflowId, firstRunId),
      validatorOutcome: (...of) => validatorOutcome(client, ...of),
      searchAttributes: () => areRegistered(client),
      version: VERSION,
    });
    const common = { connection, namespace, ...deploymentOptions(env) };
    const workers = await createWorkers(common, served, activities, env);
    await Promise.all(served.map(({ name }) => ensureSweepSchedule(client, name, env)));
    const unsearchable = await registerSearchAttributes(client, env);
    if (unsearchable !== undefined) logger.warn(`runs cannot be found by search attributes: ${unsearchable}`);
    for (const { name } of served) {
      const { host } = clusters.get(name).api.connection.server;
      console.log(`proctor ${VERSION}: serving cluster ${name} (${host}) on Temporal namespace ${namespace}`);
    }
    console.log(policyLine(policy));
    await Promise.all(workers.map((worker) => worker.run()));
    await clusters.close();
  } finally {
    await connection.close();
  }
}

/** One worker for workflows, and three for each cluster, whose queues have slots of their own. */
async function createWorkers(
  common: Pick<WorkerOptions, 'connection' | 'namespace' | 'workerDeploymentOptions'>,
  served: ServedCluster[],
  activities: Activities,
  env: NodeJS.ProcessEnv,
): Promise<Worker[]> {
  const serve = (taskQueue: string, names: ActivityName[], slots: number) =>
    Worker.create({
      ...common,
      taskQueue,
      activities: Object.fromEntries(names.map((name) => [name, activities[name]])),
      maxConcurrentActivityTaskExecutions: slots,
      // Cancellation reaches a waiting activity with the answer to a heartbeat, so this bounds how long it takes.
      maxHeartbeatThrottleInterval: '5s',
      shutdownGraceTime: SHUTDOWN_GRACE,
    });
  const all = Object.keys(activities) as ActivityName[];
  const short = all.filter((name) => !WAITING.includes(name) && !CLEANING.includes(name));
  return Promise.all([
    Worker.create({ ...common, taskQueue: WORKFLOW_QUEUE, ...workflows(env) }),
    ...served.flatMap(({ name, limits }) => {
      const queues = clusterQueues(name);
      return [
        serve(queues.work, short, limits.work),
        serve(queues.wait, WAITING, limits.wait),
        serve(queues.cleanup, CLEANING, limits.cleanup),
      ];
    }),
  ]);
}

/** Results are kept in ConfigMaps that the run's anchor owns, so that they go with it. */
export const resultStore: Parameters<typeof createActivities>[0]['resultStore'] = (cluster: Cluster, run, anchor) =>
  new ConfigMapStore(cluster.api, run.namespace, {
    ...withMarks({ labels: dataConfigMapLabels(run.runId) }, run.marks),
    ownerReferences: [ownedByAnchor(anchor)],
  });

/** The installation: the UUID of the Temporal namespace, which two installations on one cluster do not share. */
async function namespaceId({ workflowService }: Client, namespace: string): Promise<string> {
  const { namespaceInfo } = await workflowService.describeNamespace({ namespace });
  if (namespaceInfo?.id) return namespaceInfo.id;
  throw new Error(`the Temporal server did not name the id of namespace ${namespace}`);
}

/**
 * The workflows: a bundle that was made before (`PROCTOR_WORKFLOW_BUNDLE`, by the SDK's `bundleWorkflowCode` of the same version), which saves
 * some seconds of each start; else their source beside this file, TypeScript when run from source, JavaScript when built.
 */
function workflows(env: NodeJS.ProcessEnv): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = env.PROCTOR_WORKFLOW_BUNDLE;
  if (codePath !== undefined && codePath !== '') return { workflowBundle: { codePath } };
  return { workflowsPath: fileURLToPath(new URL(`./workflows/index${extname(import.meta.url)}`, import.meta.url)) };
}

if (import.meta.main) {
  try {
    await main(process.env);
  } catch (error) {
    console.error(`proctor worker: ${messageOf(error)}`);
    process.exitCode = 1;
  }
}
