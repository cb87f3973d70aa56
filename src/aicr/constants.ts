/**
 * AICR's constants. Section numbers are those of docs/contract.md. Durations are in milliseconds, and each is a whole
 * number of seconds.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

// Section 1: clocks of a validator.
export const VALIDATOR_DEFAULT_TIMEOUT_MS = 5 * MINUTE_MS;
export const VALIDATOR_TERMINATION_GRACE_PERIOD_MS = 30 * SECOND_MS;
export const VALIDATOR_WAIT_BUFFER_MS = 150 * SECOND_MS;
export const VALIDATOR_JOB_DEADLINE_HEADROOM_MS = 210 * SECOND_MS;
export const VALIDATOR_MIN_COMPLETION_WAIT_MS = 30 * SECOND_MS;
export const VALIDATOR_PRE_DEADLINE_MARGIN_MS = 1 * SECOND_MS;
export const JOB_TTL_AFTER_FINISHED_MS = 1 * HOUR_MS;

// Section 1: resources of a validator whose entry has none.
export const VALIDATOR_DEFAULT_CPU = '1';
export const VALIDATOR_DEFAULT_MEMORY = '1Gi';

// Section 1: limits of a validator's output.
export const VALIDATOR_MAX_STDOUT_LINES = 1000;
export const VALIDATOR_MAX_STDOUT_LINE_LENGTH = 512;
export const VALIDATOR_MAX_TERMINATION_MSG_BYTES = 4096;
export const LOG_SCANNER_BUFFER_SIZE = 1024 * 1024;

// Section 1: timeouts of Kubernetes calls.
export const K8S_POD_TERMINATION_WAIT_TIMEOUT_MS = 60 * SECOND_MS;
export const POD_AFFINITY_SELECTOR_LOOKUP_TIMEOUT_MS = 5 * SECOND_MS;

// Section 3: the Job.
/** The field manager of every server-side apply. */
export const FIELD_MANAGER = 'aicr-validator';
export const TERMINATION_MESSAGE_PATH = '/dev/termination-log';

// Section 4: files in the pod and keys in the ConfigMaps.
export const SNAPSHOT_MOUNT_PATH = '/data/snapshot';
export const SNAPSHOT_KEY = 'snapshot.yaml';
export const VALIDATION_MOUNT_PATH = '/data/validation';
export const VALIDATION_KEY = 'validation.yaml';
export const REPORT_KEY = 'report.json';

// Section 6: namespace and RBAC.
export const DEFAULT_NAMESPACE = 'aicr-validation';
export const RBAC_NAME_PREFIX = 'aicr-validator';
export const CLUSTER_ADMIN_ROLE = 'cluster-admin';

// Section 7: affinity.
export const GPU_PRESENT_LABEL = 'nvidia.com/gpu.present';
export const PREFERRED_AFFINITY_WEIGHT = 100;
export const DEFAULT_TOPOLOGY_KEY = 'kubernetes.io/hostname';

// Section 8: prefixes of sentinel lines. The trailing space is part of the prefix.
export const EXTRA_LINE_PREFIX = '##AICR-EXTRA## ';
export const PROVENANCE_LINE_PREFIX = '##AICR-PROVENANCE## ';

// Section 9: reports.
export const REPORT_FORMAT = 'CTRF';
export const SPEC_VERSION = '0.0.1';
export const TOOL_NAME = 'aicr';

// Section 10: messages of validators that did not run.
export const SKIPPED_PREVIOUS_PHASE = 'skipped due to previous phase failure';
export const SKIPPED_BY_CALLER =
  'skipped: named in skipChecks, so the caller declared this check out of scope for this run';
export const SKIP_REASON_NAMED = 'named-in-skip-checks';

// Section 11: catalog and images.
export const CATALOG_API_VERSION = 'validator.nvidia.com/v1alpha1';
export const CATALOG_KIND = 'ValidatorCatalog';
/** Tags move in all repositories but those with this prefix. */
export const TRUSTED_VALIDATOR_REPO_PREFIX = 'ghcr.io/nvidia/aicr-validators/';
