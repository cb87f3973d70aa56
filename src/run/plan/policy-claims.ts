import type { ValidatorEntry } from '../../aicr/catalog/catalog.ts';
import { CLUSTER_ADMIN_ROLE, DEFAULT_NAMESPACE } from '../../aicr/constants.ts';
import { settingsFor } from './job-settings.ts';
import { imageOf } from './plan-job.ts';
import type { Claim } from './policy.ts';
import type { CatalogSource, TextSource, ValidateClusterRequest } from './validate-cluster-request.ts';

/**
 * Everything in a request that the worker's policy limits, except files: only the worker can resolve their symbolic
 * links.
 */
export function policyClaims(
  request: ValidateClusterRequest,
  entries: readonly ValidatorEntry[],
  pathOf: (entry: ValidatorEntry) => string,
): Claim[] {
  const { namespace = DEFAULT_NAMESPACE, clusterRole = CLUSTER_ADMIN_ROLE, forward = {} } = request;
  const runtimeImage = forward.AICR_NCCL_RUNTIME_IMAGE ?? '';
  return [
    { of: 'clusterRole', value: clusterRole, path: 'request.clusterRole' },
    { of: 'namespace', value: namespace, path: 'request.namespace' },
    ...SOURCES.flatMap((field) => configMapNamespace(field, request[field])),
    ...entries.map(
      (entry): Claim => ({
        of: 'image',
        value: imageOf(entry, settingsFor(entry, request)),
        path: `${pathOf(entry)}.image`,
      }),
    ),
    ...(runtimeImage === ''
      ? []
      : [{ of: 'image', value: runtimeImage, path: 'request.forward.AICR_NCCL_RUNTIME_IMAGE' } as const]),
  ];
}

const SOURCES = ['catalog', 'baseCatalog', 'snapshot', 'validation'] as const;

function configMapNamespace(field: string, source: CatalogSource | TextSource | undefined): Claim[] {
  if (source === undefined || !('configMap' in source) || source.configMap.namespace === undefined) return [];
  return [{ of: 'namespace', value: source.configMap.namespace, path: `request.${field}.configMap.namespace` }];
}
