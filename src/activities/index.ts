import type { ACTIVITY_QUEUES, ActivityQueue } from '../run/activity-queues.ts';
import type { ActivityDeps } from './activity-deps.ts';
import { cleanupDataConfigMaps } from './cleanup-data-config-maps.ts';
import { cleanupJob } from './cleanup-job.ts';
import { cleanupRBAC } from './cleanup-rbac.ts';
import { deleteAnchor } from './delete-anchor.ts';
import { deployJob } from './deploy-job.ts';
import { ensureAnchor } from './ensure-anchor.ts';
import { ensureDataConfigMaps } from './ensure-data-config-maps.ts';
import { ensureNamespace } from './ensure-namespace.ts';
import { ensureRBAC } from './ensure-rbac.ts';
import { examineRequest } from './examine-request.ts';
import { extractResult } from './extract-result.ts';
import { findRemains } from './find-remains.ts';
import { handleTimeout } from './handle-timeout.ts';
import { keepAnchor } from './keep-anchor.ts';
import { keepJob } from './keep-job.ts';
import { preflight } from './preflight.ts';
import { sweepCluster } from './sweep-cluster.ts';
import { waitForCompletion } from './wait-for-completion.ts';
import { waitForPodTermination } from './wait-for-pod-termination.ts';
import { waitForValidator } from './wait-for-validator.ts';
import { writeReport } from './write-report.ts';

export type { ActivityDeps } from './activity-deps.ts';

/** Creates all activities, with what they need from their worker. */
export function createActivities(deps: ActivityDeps) {
  return {
    examineRequest: examineRequest(deps),
    preflight: preflight(deps),
    ensureNamespace: ensureNamespace(deps),
    ensureAnchor: ensureAnchor(deps),
    ensureRBAC: ensureRBAC(deps),
    ensureDataConfigMaps: ensureDataConfigMaps(deps),
    deployJob: deployJob(deps),
    waitForCompletion: waitForCompletion(deps),
    waitForValidator: waitForValidator(deps),
    extractResult: extractResult(deps),
    handleTimeout: handleTimeout(deps),
    writeReport: writeReport(deps),
    cleanupJob: cleanupJob(deps),
    waitForPodTermination: waitForPodTermination(deps),
    cleanupDataConfigMaps: cleanupDataConfigMaps(deps),
    cleanupRBAC: cleanupRBAC(deps),
    deleteAnchor: deleteAnchor(deps),
    keepJob: keepJob(deps),
    keepAnchor: keepAnchor(deps),
    findRemains: findRemains(deps),
    sweepCluster: sweepCluster(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;

/** The activities of one queue. An activity without a queue does not compile. */
export type ActivitiesOn<Queue extends ActivityQueue> = Pick<
  Activities,
  { [Name in keyof Activities]: (typeof ACTIVITY_QUEUES)[Name] extends Queue ? Name : never }[keyof Activities]
>;
