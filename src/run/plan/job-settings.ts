import type { ValidatorEntry } from '../../aicr/catalog/catalog.ts';
import type { ComponentRef } from '../../aicr/job/affinity.ts';
import type { JobSettings, ValidateClusterRequest } from './validate-cluster-request.ts';

/**
 * Selects the part of a request that a validator's Job is rendered from. It has only the components that the entry's
 * dependency affinity names, since every child workflow's input repeats the settings.
 */
export function settingsFor(entry: ValidatorEntry, request: ValidateClusterRequest): JobSettings {
  const named = new Set(entry.dependencyAffinity?.map(({ componentRef }) => componentRef));
  const components = (request.componentRefs ?? []).filter(({ name }) => named.has(name)).map(withGatesOnly);
  const settings = {
    cliVersion: request.cliVersion,
    cliCommit: request.cliCommit,
    imagePullSecrets: request.imagePullSecrets,
    tolerations: request.tolerations,
    nodeSelector: request.nodeSelector,
    imageRegistryOverride: request.imageRegistryOverride,
    imageTagOverride: request.imageTagOverride,
    componentRefs: components.length === 0 ? undefined : components,
    forward: request.forward,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as JobSettings;
}

/**
 * The component with only the overrides that decide whether it is installed (AICR's `IsEnabled`). The others are values
 * of a Helm chart.
 */
function withGatesOnly({ name, namespace, overrides = {} }: ComponentRef): ComponentRef {
  const gates = Object.entries(overrides).filter(([key]) => key === 'enabled' || key === 'install');
  return { name, ...(namespace === undefined ? {} : { namespace }), overrides: Object.fromEntries(gates) };
}
