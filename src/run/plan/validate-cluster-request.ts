import type { ComponentRef } from '../../aicr/job/affinity.ts';
import type { Phase } from '../../aicr/phase.ts';
import type { Toleration } from '../../kubernetes/types.ts';
import type { CleanupRequest } from '../cleanup/cleanup-policy.ts';
import type { Graces } from '../ending/symptom.ts';
import type { Forward } from './forward.ts';

/** Where a text is: given as it is, a file the worker can read, or a key of a ConfigMap on the cluster. */
export type TextSource =
  | { inline: string }
  | { file: string }
  | { configMap: { name: string; key: string; namespace?: string } };

/** The orchestrator-wide settings of AICR's `Config` that are handed on to each Job. */
export interface JobSettings {
  cliVersion?: string;
  cliCommit?: string;
  imagePullSecrets?: string[];
  tolerations?: Toleration[];
  nodeSelector?: Record<string, string>;
  imageRegistryOverride?: string;
  imageTagOverride?: string;
  componentRefs?: ComponentRef[];
  /** The five variables that AICR hands on from its own environment; the one that is a secret by reference only. */
  forward?: Forward;
}

/** Where a catalog is: a document as it is (`inline`), or where its YAML is. */
export type CatalogSource = { inline: unknown } | Exclude<TextSource, { inline: string }>;

/** The one argument of `validateCluster`. Checked by `checkRequest` before anything else happens. */
export interface ValidateClusterRequest extends JobSettings {
  /** Version of this shape. @default 1 */
  version?: 1;
  /** The cluster to validate, by the name under which a worker serves it. */
  cluster: string;
  /** The validators. */
  catalog: CatalogSource;
  /** A catalog that {@link catalog} is laid over, by name: what it has replaces what this one has, and new ones come last. */
  baseCatalog?: CatalogSource;
  /** Namespace of the Jobs; made if it is not there, never deleted. @default the one that the worker's clusters file gives the cluster, else "aicr-validation" */
  namespace?: string;
  /** The ClusterRole that validators get; only one that the worker's policy allows. @default "cluster-admin" */
  clusterRole?: string;
  /** Identifier of the run, in labels and names. @default UTC time and 16 hex digits */
  runId?: string;
  /** Phases to run, always in the contract's order. @default all three */
  phases?: Phase[];
  /** The validators that run, by phase, as a recipe declares them; a phase that declares none is left out. @default all of the catalog's */
  checks?: Partial<Record<Phase, string[]>>;
  /** Validators of the catalog that are not to run: reported as skipped. */
  skipChecks?: string[];
  /** Skip later phases once one has a failed or other result. @default false */
  failFast?: boolean;
  /** How many validators of a phase may run at once, 1 to 100. @default 8 */
  parallelism?: number;
  /** How many Jobs a validator may have, the first included, where the infrastructure ends them; 1 to 10. @default 3 */
  attempts?: number;
  /** How long each trouble may last before a validator ends with it as its cause, as Go durations. @default see `DEFAULT_GRACES` */
  graces?: Partial<Record<keyof Graces, string>>;
  /** What is taken back at the end, and what is kept for how long. @default everything is taken back but the reports */
  cleanup?: CleanupRequest;
  /** What the validators find at /data/snapshot/snapshot.yaml. @default an empty document */
  snapshot?: TextSource;
  /** What the validators find at /data/validation/validation.yaml. @default an empty document */
  validation?: TextSource;
}
