import type { ValidatorEntry } from '../src/aicr/catalog/catalog.ts';
import type { Phase } from '../src/aicr/phase.ts';
import type { ValidateClusterRequest } from '../src/run/plan/validate-cluster-request.ts';

export type Entry = ValidatorEntry & { phase: Phase };

/**
 * Validators that run one shell command each. All may run at once, and their resources are so small that many fit on
 * one node.
 */
export function validators(count: number, image: string, script: string): Entry[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `bench-${String(index).padStart(3, '0')}`,
    phase: 'deployment',
    description: '',
    image,
    // Long enough to create thousands of other Jobs meanwhile.
    timeout: '1h0m0s',
    args: ['-c', script],
    resources: { cpu: '50m', memory: '16Mi' },
    exclusive: [],
  }));
}

export function requestOf(entries: Entry[], more: Partial<ValidateClusterRequest> = {}): ValidateClusterRequest {
  return {
    cluster: 'local',
    parallelism: Math.min(100, entries.length),
    catalog: {
      inline: {
        apiVersion: 'validator.nvidia.com/v1alpha1',
        kind: 'ValidatorCatalog',
        metadata: { name: 'bench', version: '1' },
        validators: entries,
      },
    },
    ...more,
  };
}
