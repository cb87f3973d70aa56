import type { clusterQueues } from './task-queues.ts';

export type ActivityQueue = keyof ReturnType<typeof clusterQueues>;

/** The queue of each activity: workers serve the activity there, and workflows schedule it there. */
export const ACTIVITY_QUEUES = {
  examineRequest: 'work',
  preflight: 'work',
  ensureNamespace: 'work',
  ensureAnchor: 'work',
  ensureRBAC: 'work',
  ensureDataConfigMaps: 'work',
  deployJob: 'work',
  extractResult: 'work',
  handleTimeout: 'work',
  writeReport: 'work',
  waitForCompletion: 'wait',
  waitForValidator: 'wait',
  cleanupJob: 'cleanup',
  waitForPodTermination: 'cleanup',
  cleanupDataConfigMaps: 'cleanup',
  cleanupRBAC: 'cleanup',
  deleteAnchor: 'cleanup',
  keepJob: 'cleanup',
  keepAnchor: 'cleanup',
  findRemains: 'cleanup',
  sweepCluster: 'cleanup',
} as const satisfies Record<string, ActivityQueue>;
