import { ApplicationFailure } from '@temporalio/common';
import type { DependencyPods } from '../aicr/job/dependency-pods.ts';
import type { Cluster } from '../cluster/clusters.ts';
import type { ClusterTarget } from '../run/scope.ts';
import type { ActivityDeps } from './activity-deps.ts';
import { defineActivity, type Versioned } from './define-activity.ts';
import { lookUpDependencies } from './look-up-dependencies.ts';

export interface PreflightInput extends Versioned {
  cluster: string;
  /** The pods that the run's validators must run near; absent if they have no dependencies. */
  dependencies?: DependencyPods[];
}

export interface Preflight {
  cluster: ClusterTarget;
  /** The UUID of the Temporal namespace, for the marks. */
  installation: string;
  kubernetes: string;
  /** Whether the run may set Proctor's search attributes. */
  searchAttributes?: boolean;
  /** A warning for each dependency without pods. */
  warnings?: string[];
}

/**
 * `podFailurePolicy`, which writes the exit code into the Job's own condition, is on by default from 1.29 (GA in 1.31).
 */
const OLDEST_MINOR = 29;

/**
 * Identifies the cluster before anything is created on it, refuses one that is too old, and looks up the validators'
 * dependencies.
 */
export function preflight({ clusters, installation, searchAttributes }: ActivityDeps) {
  return defineActivity(async (input: PreflightInput, signal): Promise<Preflight> => {
    const cluster = clusters.get(input.cluster);
    const [uid, kubernetes, searchable] = await Promise.all([
      cluster.uid(signal),
      serverVersion(cluster, signal),
      // Search attributes are a convenience. If Temporal does not say whether they are registered, the run sets none.
      searchAttributes().catch(() => false),
    ]);
    const target = { name: input.cluster, uid };
    const found: Preflight = { cluster: target, installation, kubernetes, searchAttributes: searchable };
    if (input.dependencies === undefined) return found;
    return { ...found, warnings: await lookUpDependencies(cluster.api, input.dependencies, signal) };
  });
}

async function serverVersion({ name, api }: Cluster, signal: AbortSignal): Promise<string> {
  const call = { verb: 'get', resource: 'the version' };
  const version = await api.connection.json<{ major: string; minor: string; gitVersion: string }>({
    call,
    method: 'GET',
    path: '/version',
    signal,
  });
  if (Number(version.major) > 1 || Number.parseInt(version.minor, 10) >= OLDEST_MINOR) return version.gitVersion;
  throw ApplicationFailure.nonRetryable(
    `cluster ${name} runs Kubernetes ${version.gitVersion}; Proctor needs 1.${OLDEST_MINOR} or newer, whose Jobs keep a validator's exit code (podFailurePolicy)`,
    'UnsupportedCluster',
  );
}
