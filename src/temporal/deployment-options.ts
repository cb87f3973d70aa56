import type { WorkerOptions } from '@temporalio/worker';
import { VERSION } from '../version.ts';

/**
 * The worker's deployment version, from the variables that Temporal's Worker Controller sets.
 * `TEMPORAL_DEPLOYMENT_NAME` turns worker versioning on, and `TEMPORAL_WORKER_BUILD_ID` is the build id (default:
 * Proctor's version).
 *
 * With versioning, a run stays with the version that it started on (`PINNED`), and so do its validators, which are its
 * children. Without, a newer worker continues the runs of an older one; the replay of recorded histories proves that it
 * can.
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
