import type { ValidatorEntry } from '../../aicr/catalog/catalog.ts';
import { CLUSTER_ADMIN_ROLE, DEFAULT_NAMESPACE } from '../../aicr/constants.ts';
import { SOURCE_FIELDS } from './inline-sources.ts';
import { settingsFor } from './job-settings.ts';
import { imageOf } from './plan-job.ts';
import type { Claim } from './policy.ts';
import type {
  CatalogSource,
  Forward,
  JobSettings,
  TextSource,
  ValidateClusterRequest,
} from './validate-cluster-request.ts';

/**
 * Everything in a request that the worker's policy limits, except files: only the worker can resolve their symbolic
 * links.
 */
export function policyClaims(
  request: ValidateClusterRequest,
  entries: readonly ValidatorEntry[],
  pathOf: (entry: ValidatorEntry) => string,
): Claim[] {
  const { namespace = DEFAULT_NAMESPACE, clusterRole = CLUSTER_ADMIN_ROLE, forward } = request;
  return [
    { of: 'clusterRole', value: clusterRole, path: 'request.clusterRole' },
    { of: 'namespace', value: namespace, path: 'request.namespace' },
    ...SOURCE_FIELDS.flatMap((field) => configMapNamespace(field, request[field])),
    ...entries.map((entry) => imageClaim(entry, settingsFor(entry, request), `${pathOf(entry)}.image`)),
    ...runtimeImageClaims(forward, 'request.forward'),
  ];
}

/** The claim of a validator's image. */
export function imageClaim(entry: ValidatorEntry, settings: JobSettings, path: string): Claim {
  return { of: 'image', value: imageOf(entry, settings), path };
}

/** The claim of the image that a validator starts workloads with, if the request forwards one. */
export function runtimeImageClaims(forward: Forward | undefined, path: string): Claim[] {
  const image = forward?.AICR_NCCL_RUNTIME_IMAGE ?? '';
  return image === '' ? [] : [{ of: 'image', value: image, path: `${path}.AICR_NCCL_RUNTIME_IMAGE` }];
}

function configMapNamespace(field: string, source: CatalogSource | TextSource | undefined): Claim[] {
  if (source === undefined || !('configMap' in source) || source.configMap.namespace === undefined) return [];
  return [{ of: 'namespace', value: source.configMap.namespace, path: `request.${field}.configMap.namespace` }];
}
