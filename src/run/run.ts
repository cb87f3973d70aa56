import type { ValidatorEntry } from '../aicr/catalog/catalog.ts';
import type { Phase } from '../aicr/constants.ts';
import type { ComponentRef } from '../aicr/job/affinity.ts';
import type { CtrfReport } from '../aicr/result/ctrf.ts';
import type { Status } from '../aicr/result/status.ts';
import type { Toleration } from '../kubernetes/types.ts';
import type { Cleanup, CleanupRequest } from './cleanup/cleanup-policy.ts';
import type { Cause, Finding } from './ending/cause.ts';
import type { Graces } from './ending/symptom.ts';
import type { Timings } from './ending/timings.ts';
import type { Marks } from './marks.ts';
import type { Forward } from './plan/forward.ts';

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

/** A cluster as a run knows it: the name the request gives, and the UID of its kube-system namespace, read when the run began. */
export interface ClusterTarget {
  name: string;
  uid: string;
}

/** What every activity of a run is told. */
export interface RunScope {
  cluster: ClusterTarget;
  namespace: string;
  runId: string;
  marks: Marks;
}

/** An object of the run, by the name it has and the UID it was made with. */
export interface NamedUid {
  name: string;
  uid: string;
}

/** The one argument of `runValidator`. */
export interface RunValidatorInput {
  version: 1;
  run: RunScope;
  anchor: NamedUid;
  entry: ValidatorEntry & { phase: Phase };
  settings: JobSettings;
  /** Graces that differ from the defaults. */
  graces?: Partial<Graces>;
  /** How many Jobs it may have, the first included, where the infrastructure ends them. @default 3 */
  attempts?: number;
  /** What becomes of its Jobs that have ended. @default they are removed, within 30 minutes */
  cleanup?: Pick<Cleanup, 'jobs' | 'keepForMs' | 'timeoutMs'>;
  /** Whether Proctor's search attributes are registered, so that it may be made known by them. @default false */
  searchAttributes?: boolean;
}

/** An attempt that the infrastructure ended, so that another was made. */
export interface EarlierAttempt extends Finding {
  job: string;
  startMs: number;
  stopMs: number;
}

/** How a validator ended: small, since it passes through two histories. Its log and full message are in the result store. */
export interface ValidatorOutcome {
  name: string;
  phase: Phase;
  status: Status;
  cause: Cause;
  /** What Kubernetes itself says of the cause, at most 400 characters. */
  evidence?: string;
  /** The validator's own exit code; -1 where there is none. */
  exitCode: number;
  message: string;
  startMs: number;
  stopMs: number;
  /** Whether its container may have run. */
  started: boolean;
  timings?: Timings;
  /** The node its pod was on. */
  node?: string;
  /** The attempts before this one, which the infrastructure ended. */
  earlier?: EarlierAttempt[];
  /** Whether the result store holds the whole result under {@link resultKey}. */
  stored: boolean;
  resultKey?: string;
  /** Why the result store would not have it: its log and the rest of its message are lost. */
  lost?: string;
  extra?: Record<string, string>;
  /** What cleanup could not remove: kind and name, what holds it, and what to do. */
  left?: string[];
  /** The Jobs that were kept, by kind and name. */
  kept?: string[];
}

/** What a run has come to; its order is the order in which a person reads it in the Web UI. */
export interface RunResult {
  /** `failed` and `other` as the contract's phases: any failed, else any other, else passed. */
  verdict: Status;
  cluster: string;
  runId: string;
  counts: { tests: number; passed: number; failed: number; skipped: number; other: number };
  /** The validators that did not pass and were not skipped. */
  problems: { name: string; phase: Phase; status: Status; cause: Cause; message: string; evidence?: string }[];
  cleanup: 'complete' | 'incomplete';
  /** What is still on the cluster although it should not be: kind and name, what holds it, and what to do. */
  left: string[];
  /** What stays on the cluster because the request's `cleanup` says so, by kind and name. */
  kept: string[];
  /** When the sweep may remove the last of {@link kept}, in RFC 3339; absent where nothing was kept. */
  keptUntil?: string;
  /** What somebody may have meant otherwise, said before the run began. */
  warnings: string[];
  /** The ConfigMaps that hold the phases' reports, until they expire. */
  reports: string[];
  /** The merged report, inside a fixed budget: where it had to be cut, `extra.truncated` of a test says so. */
  report: CtrfReport;
}

export type ValidatorState = 'waiting' | 'running' | Status;

/** What the `progress` query answers. */
export interface RunProgress {
  cluster: string;
  runId: string;
  /** What the run is doing now, for a person. */
  step: string;
  total: number;
  done: number;
  /** What somebody may have meant otherwise. */
  warnings: string[];
  validators: {
    name: string;
    phase: Phase;
    state: ValidatorState;
    cause?: Cause;
    message?: string;
    sinceMs?: number;
  }[];
}
