import type { WorkerOptions } from '@temporalio/worker';
import { VERSION } from '../version.ts';

/**
 * The worker's deployment version, by the variables that Temporal's Worker Controller sets: `TEMPORAL_DEPLOYMENT_NAME` turns worker
 * versioning on, `TEMPORAL_WORKER_BUILD_ID` tells builds apart (default: Proctor's version). A run then stays with the version that it
 * began on (`PINNED`), and so do its validators, which are its children. Without a name there is no versioning: a newer worker takes a
 * run up where the older one left it, which recorded histories are replayed to prove.
 */
export function deploymentOptions(env: NodeJS.ProcessEnv): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  const deploymentName = env.TEMPORAL_DEPLOYMENT_NAME;
  if (deploymentName === undefined || deploymentName === '') return {};
  const buildId = env.TEMPORAL_WORKER_BUILD_ID || VERSION;
  return {
    workerDeploymentOptions: {
      version: { deploymentName, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  };
}
