/** Types of application failures that an activity throws and a workflow recognizes. */

/** A wait failed because the cluster has been unreachable for longer than its grace. */
export const CLUSTER_UNREACHABLE = 'ClusterUnreachable';
