import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { type Logger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { type Activities, createActivities } from './activities/index.ts';
import { Clusters, connect } from './cluster/clusters.ts';
import { logObserver } from './cluster/log-observer.ts';
import { clustersFromEnvironment, type ServedCluster } from './config/clusters-file.ts';
import { loadPolicy, policyLine } from './config/policy-file.ts';
import { ACTIVITY_QUEUES, type ActivityQueue } from './run/activity-queues.ts';
import { messageOf } from './run/error-message.ts';
import { installationSelector } from './run/marks.ts';
import { clusterQueues, WORKFLOW_QUEUE } from './run/task-queues.ts';
import { runResultStore } from './store/run-result-store.ts';
import { awaitValidatorOutcome } from './temporal/await-validator-outcome.ts';
import { deploymentOptions } from './temporal/deployment-options.ts';
import { createLogger } from './temporal/logger.ts';
import { areSearchAttributesRegistered, registerSearchAttributes } from './temporal/register-search-attributes.ts';
import { runState } from './temporal/run-state.ts';
import { ensureSweepSchedule } from './temporal/sweep-schedule.ts';
import { VERSION } from './version.ts';

/**
 * How long running activities may continue after SIGTERM. Waits end at once, and another worker continues them. Short
 * activities can finish.
 */
const SHUTDOWN_GRACE = '3s';

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const logger = createLogger(env);
  Runtime.install({ logger });
  const policy = loadPolicy(env);
  const served = clustersFromEnvironment(env);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    const client = new Client({ connection, namespace });
    const installation = await namespaceId(client);
    const clusters = connectClusters(served, installation, logger);
    const activities = createActivities({
      clusters,
      installation,
      policy,
      resultStore: runResultStore,
      runState: (...run) => runState(client, ...run),
      validatorOutcome: (...workflow) => awaitValidatorOutcome(client, ...workflow),
      searchAttributes: () => areSearchAttributesRegistered(client),
      version: VERSION,
    });
    const common = { connection, namespace, ...deploymentOptions(env) };
    const workers = await createWorkers(common, served, activities, env);
    await Promise.all(served.map(({ name }) => ensureSweepSchedule(client, name, env)));
    const unregistered = await registerSearchAttributes(client, env);
    if (unregistered !== undefined) logger.warn(`runs cannot be found by search attributes: ${unregistered}`);
    for (const { name } of served) console.log(servingLine(clusters, name, namespace));
    console.log(policyLine(policy));
    await Promise.all(workers.map((worker) => worker.run()));
    await clusters.close();
  } finally {
    await connection.close();
  }
}

/** The id of this installation: the UUID of its Temporal namespace, which no other installation on a cluster has. */
async function namespaceId({ workflowService, options: { namespace } }: Client): Promise<string> {
  const { namespaceInfo } = await workflowService.describeNamespace({ namespace });
  if (namespaceInfo?.id) return namespaceInfo.id;
  throw new Error(`the Temporal server did not return the id of namespace ${namespace}`);
}

function connectClusters(served: ServedCluster[], installation: string, logger: Logger): Clusters {
  const options = {
    userAgent: `proctor/${VERSION}`,
    selector: installationSelector(installation),
    observer: logObserver((level, line) => logger[level](line)),
  };
  return new Clusters(served.map(({ name, source, namespace }) => connect(name, source, { ...options, namespace })));
}

/** Creates one worker for workflows, and one for each queue of each cluster, each with its own slots. */
async function createWorkers(
  common: Pick<WorkerOptions, 'connection' | 'namespace' | 'workerDeploymentOptions'>,
  served: ServedCluster[],
  activities: Activities,
  env: NodeJS.ProcessEnv,
): Promise<Worker[]> {
  const serve = (cluster: ServedCluster, queue: ActivityQueue) =>
    Worker.create({
      ...common,
      taskQueue: clusterQueues(cluster.name)[queue],
      activities: activitiesOn(queue, activities),
      maxConcurrentActivityTaskExecutions: cluster.limits[queue],
      // A cancellation reaches a waiting activity with the answer to a heartbeat, so this bounds its delay.
      maxHeartbeatThrottleInterval: '5s',
      shutdownGraceTime: SHUTDOWN_GRACE,
    });
  return Promise.all([
    Worker.create({ ...common, taskQueue: WORKFLOW_QUEUE, ...workflows(env) }),
    ...served.flatMap((cluster) => [serve(cluster, 'work'), serve(cluster, 'wait'), serve(cluster, 'cleanup')]),
  ]);
}

function activitiesOn(queue: ActivityQueue, activities: Activities): Partial<Activities> {
  const names = Object.keys(ACTIVITY_QUEUES) as (keyof typeof ACTIVITY_QUEUES)[];
  const onQueue = names.filter((name) => ACTIVITY_QUEUES[name] === queue);
  return Object.fromEntries(onQueue.map((name) => [name, activities[name]]));
}

/**
 * Says where a worker loads the workflows from: the bundle in `PROCTOR_WORKFLOW_BUNDLE`, otherwise the source beside
 * this file, TypeScript if run from source and JavaScript if built. A bundle saves some seconds at each start. It must
 * come from `bundleWorkflowCode` of the same SDK version.
 */
function workflows(env: NodeJS.ProcessEnv): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = env.PROCTOR_WORKFLOW_BUNDLE;
  if (codePath !== undefined && codePath !== '') return { workflowBundle: { codePath } };
  return { workflowsPath: fileURLToPath(new URL(`./workflows/index${extname(import.meta.url)}`, import.meta.url)) };
}

function servingLine(clusters: Clusters, name: string, namespace: string): string {
  const { host } = clusters.get(name).api.connection.server;
  return `proctor ${VERSION}: serving cluster ${name} (${host}) on Temporal namespace ${namespace}`;
}

if (import.meta.main) {
  try {
    await main(process.env);
  } catch (error) {
    console.error(`proctor worker: ${messageOf(error)}`);
    process.exitCode = 1;
  }
}
