import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { type Activities, createActivities } from './activities/index.ts';
import { type Cluster, Clusters, connect } from './cluster/clusters.ts';
import { kubeConfigSource } from './cluster/kubeconfig.ts';
import { dataConfigMapLabels } from './contract/labels.ts';
import { installationSelector, markAnnotations, markLabels } from './contract/marks.ts';
import { clusterQueues, WORKFLOW_QUEUE } from './contract/queues.ts';
import { createLogger } from './log.ts';
import { loadPolicy, policyLine } from './policy.ts';
import { ConfigMapStore } from './store/config-map-store.ts';
import { VERSION } from './version.ts';

/** What the worker process is told by its environment; Temporal's own settings and the kubeconfig come by their standard rules. */
export interface WorkerConfig {
  /** The name under which requests know this worker's cluster: `PROCTOR_CLUSTER`. @default "local" */
  cluster: string;
  /** The kubeconfig context to use: `PROCTOR_CONTEXT`. @default the kubeconfig's current one */
  context?: string;
}

export function configFromEnvironment(env: NodeJS.ProcessEnv): WorkerConfig {
  const context = env.PROCTOR_CONTEXT;
  return { cluster: env.PROCTOR_CLUSTER ?? 'local', ...(context === undefined ? {} : { context }) };
}

/** Slots of each queue of a cluster. A waiting activity costs next to nothing, so that is how many Jobs may run at once. */
const SLOTS = { work: 20, wait: 200, cleanup: 40 };

/** How long running activities go on after SIGTERM. Waits end at once and are taken up by another worker; short ones get to finish. */
const SHUTDOWN_GRACE = '3s';

/** Which activity is served on which of a cluster's queues; `workflows/activities.ts` schedules them there. */
const WAITING: (keyof Activities)[] = ['waitForCompletion'];
const CLEANING: (keyof Activities)[] = [
  'cleanupJob',
  'waitForPodTermination',
  'cleanupDataConfigMaps',
  'cleanupRBAC',
  'deleteAnchor',
];

async function main(config: WorkerConfig): Promise<void> {
  Runtime.install({ logger: createLogger(process.env) });
  const policy = loadPolicy(process.env);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const kubeConfig = kubeConfigSource(config.cluster, { context: config.context });
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    const installation = await namespaceId(new Client({ connection, namespace }), namespace);
    const cluster = connect(config.cluster, kubeConfig, {
      userAgent: `proctor/${VERSION}`,
      selector: installationSelector(installation),
    });
    const clusters = new Clusters([cluster]);
    const activities = createActivities({ clusters, installation, policy, version: VERSION, resultStore });
    const workers = await createWorkers({ connection, namespace }, config.cluster, activities);
    console.log(
      `proctor ${VERSION}: serving cluster ${config.cluster} (${cluster.api.connection.server.host}) on Temporal namespace ${namespace}`,
    );
    console.log(policyLine(policy));
    await Promise.all(workers.map((worker) => worker.run()));
    await clusters.close();
  } finally {
    await connection.close();
  }
}

async function createWorkers(
  common: Pick<WorkerOptions, 'connection' | 'namespace'>,
  cluster: string,
  activities: Activities,
): Promise<Worker[]> {
  const queues = clusterQueues(cluster);
  const only = (names: (keyof Activities)[]) => Object.fromEntries(names.map((name) => [name, activities[name]]));
  const short = (Object.keys(activities) as (keyof Activities)[]).filter(
    (name) => !WAITING.includes(name) && !CLEANING.includes(name),
  );
  const serve = (taskQueue: string, names: (keyof Activities)[], slots: number) =>
    Worker.create({
      ...common,
      taskQueue,
      activities: only(names),
      maxConcurrentActivityTaskExecutions: slots,
      // Cancellation reaches a waiting activity with the answer to a heartbeat, so this bounds how long it takes.
      maxHeartbeatThrottleInterval: '5s',
      shutdownGraceTime: SHUTDOWN_GRACE,
    });
  return Promise.all([
    Worker.create({ ...common, taskQueue: WORKFLOW_QUEUE, workflowsPath: workflowsPath() }),
    serve(queues.work, short, SLOTS.work),
    serve(queues.wait, WAITING, SLOTS.wait),
    serve(queues.cleanup, CLEANING, SLOTS.cleanup),
  ]);
}

/** Results are kept in ConfigMaps that the run's anchor owns, so that they go with it. */
const resultStore: Parameters<typeof createActivities>[0]['resultStore'] = (cluster: Cluster, run, anchor) =>
  new ConfigMapStore(cluster.api, run.namespace, {
    labels: { ...dataConfigMapLabels(run.runId), ...markLabels(run.marks) },
    annotations: markAnnotations(run.marks),
    ownerReferences: [
      { apiVersion: 'v1', kind: 'ConfigMap', name: anchor.name, uid: anchor.uid, blockOwnerDeletion: true },
    ],
  });

/** The installation: the UUID of the Temporal namespace, which two installations on one cluster do not share. */
async function namespaceId({ workflowService }: Client, namespace: string): Promise<string> {
  const { namespaceInfo } = await workflowService.describeNamespace({ namespace });
  if (namespaceInfo?.id) return namespaceInfo.id;
  throw new Error(`the Temporal server did not name the id of namespace ${namespace}`);
}

/** The workflows' source beside this file: TypeScript when run from source, JavaScript when built. */
function workflowsPath(): string {
  return fileURLToPath(new URL(`./workflows/index${extname(import.meta.url)}`, import.meta.url));
}

if (import.meta.main) {
  try {
    await main(configFromEnvironment(process.env));
  } catch (error) {
    console.error(`proctor worker: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
