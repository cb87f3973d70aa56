/**
 * The schema of a worker's clusters file. The error messages, `schema/clusters.json` and a table of docs/operating.md
 * are derived from it.
 */
import { z } from 'zod';
import { isDnsLabel } from '../aicr/job/names.ts';
import type { Fault } from '../run/fault.ts';
import { faultsOf } from '../run/schema/faults.ts';
import { dnsLabel, document, mapOf, wholeNumber } from '../run/schema/field-kinds.ts';

/**
 * How many slots each of a cluster's task queues has. A wait costs almost nothing; its limit is there to limit how many
 * Jobs run at once.
 */
export interface ClusterLimits {
  work: number;
  wait: number;
  cleanup: number;
}

export const DEFAULT_LIMITS: ClusterLimits = { work: 20, wait: 200, cleanup: 40 };
const MAX_SLOTS = 10_000;

const LIMITS: Record<keyof ClusterLimits, string> = {
  work: 'How many short activities of this cluster run at once',
  wait: 'How many Jobs of this cluster the worker waits for at once',
  cleanup: 'How many cleanup activities of this cluster run at once',
};

const limits = z.strictObject(
  Object.fromEntries(
    Object.entries(LIMITS).map(([name, description]) => [
      name,
      wholeNumber(1, MAX_SLOTS)
        .optional()
        .meta({ description, byDefault: `\`${DEFAULT_LIMITS[name as keyof ClusterLimits]}\`` }),
    ]),
  ) as Record<keyof ClusterLimits, z.ZodOptional<ReturnType<typeof wholeNumber>>>,
);

export const clusterSchema = z.strictObject({
  kubeconfig: z.string().min(1, { error: 'must not be empty' }).optional().meta({
    description: "Path of a kubeconfig, relative to the clusters file's folder; `~/` is the home folder",
    byDefault: 'the standard rules: `KUBECONFIG`, then `~/.kube/config`, then the ServiceAccount of the pod',
  }),
  context: z.string().min(1, { error: 'must not be empty' }).optional().meta({
    description: 'Context of the kubeconfig',
    byDefault: 'the current context when the worker starts',
  }),
  namespace: dnsLabel('a namespace').optional().meta({
    description: 'Namespace of runs whose request names none',
    byDefault: '`aicr-validation`',
  }),
  limits: limits
    .nullable()
    .optional()
    .meta({ description: "Slots of the cluster's queues: `work`, `wait`, `cleanup`" }),
});

export const clustersSchema = document({
  clusters: mapOf(dnsLabel('the name of a cluster'), clusterSchema.nullable()).meta({
    description: 'The clusters that the worker serves, by the name that requests use',
  }),
});

type ClusterEntry = z.infer<typeof clusterSchema>;

/** The clusters of a document by name, or all of its faults. A cluster may be `null`, since its fields are optional. */
export function readClusters(value: unknown): { clusters: Record<string, ClusterEntry | null> } | { faults: Fault[] } {
  const faults = [...faultsOf(clustersSchema, value, FILE), ...faultsUnderRefusedNames(value)].map(
    ({ path, message }) => ({ path: path.replace(`${FILE}.`, ''), message }),
  );
  if (faults.length > 0) return { faults };
  const { clusters } = value as z.infer<typeof clustersSchema>;
  return Object.keys(clusters).length > 0
    ? { clusters }
    : { faults: [{ path: 'clusters', message: 'names no cluster' }] };
}

/** The faults of clusters whose names are refused: zod checks no value under a key that it refuses. */
function faultsUnderRefusedNames(value: unknown): Fault[] {
  const { clusters } = Object(value) as { clusters?: unknown };
  return Object.entries(Object(clusters))
    .filter(([name]) => !isDnsLabel(name))
    .flatMap(([name, cluster]) => faultsOf(clusterSchema.nullable(), cluster, `${FILE}.clusters.${name}`));
}

/** The path of a fault that concerns the whole file. */
const FILE = 'the file';
