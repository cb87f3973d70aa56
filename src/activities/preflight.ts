import { ApplicationFailure } from '@temporalio/common';
import { parse } from 'yaml';
import type { Cluster } from '../cluster/clusters.ts';
import { type Catalog, checkCatalog, parseCatalog } from '../contract/catalog.ts';
import { describeFaults } from '../contract/request.ts';
import type { ClusterTarget, ValidateClusterRequest } from '../contract/run.ts';
import { activity, type Versioned } from './activity.ts';
import type { ActivityDeps } from './run-activity.ts';
import { readText } from './text-source.ts';

export interface PreflightInput extends Versioned {
  cluster: string;
  namespace: string;
  /** Given when the request's catalog is a reference; an inline one the workflow has checked itself. */
  catalog?: Exclude<ValidateClusterRequest['catalog'], { inline: unknown }>;
}

export interface Preflight {
  cluster: ClusterTarget;
  /** The UUID of the Temporal namespace, for the marks. */
  installation: string;
  kubernetes: string;
  catalog?: Catalog;
}

/** podFailurePolicy, which writes the exit code into the Job's own condition, is on by default from 1.29 (GA in 1.31). */
const OLDEST_MINOR = 29;

/** Everything that can be known before anything is created: which cluster this is, whether it is new enough, and the catalog it is to run. */
export function preflight({ clusters, installation }: ActivityDeps) {
  return activity(async (input: PreflightInput, signal): Promise<Preflight> => {
    const cluster = clusters.get(input.cluster);
    const [uid, kubernetes] = await Promise.all([cluster.uid(signal), serverVersion(cluster, signal)]);
    const known = { cluster: { name: input.cluster, uid }, installation, kubernetes };
    if (input.catalog === undefined) return known;
    const text = await readText(cluster.api, input.catalog, input.namespace, 'request.catalog', signal);
    return { ...known, catalog: catalogFrom(text) };
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

function catalogFrom(text: string): Catalog {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw ApplicationFailure.nonRetryable(
      `request.catalog is not YAML: ${error instanceof Error ? error.message : String(error)}`,
      'InvalidRequest',
    );
  }
  const faults = checkCatalog(document, 'catalog');
  if (faults.length > 0) throw ApplicationFailure.nonRetryable(describeFaults(faults), 'InvalidRequest', faults);
  return parseCatalog(document);
}
