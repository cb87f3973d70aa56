/**
 * Derives a validator's result from its Job and its pod (AICR's `job/result.go`; docs/contract.md, section 8). The
 * activities fetch both.
 */

import { failedCondition } from '../../kubernetes/job.ts';
import { VALIDATOR_CONTAINER_NAME, validatorStatus } from '../../kubernetes/pod.ts';
import type { ContainerState, Job, Pod } from '../../kubernetes/types.ts';
import { ContractError, errorText, hasCode } from '../contract-error.ts';
import { formatGoDuration, NS_PER_SECOND } from '../go/duration.ts';
import { effectiveTimeoutNs } from '../job/clocks.ts';
import type { LogResult } from './log-reducer.ts';
import type { RuntimeProvenance } from './sentinels.ts';
import { boundTerminationMessage } from './termination-message.ts';

export interface ValidatorResult {
  name: string;
  phase: string;
  /** -1 if no exit code is known. */
  exitCode: number;
  terminationMsg: string;
  stdout: string[];
  extra?: Record<string, string>;
  runtimeProvenance?: RuntimeProvenance;
  startedAtMs?: number;
  completedAtMs?: number;
  durationMs: number;
}

/** The part of a result that comes from the Job and its pod: all but the name, the phase and the log. */
export interface Outcome {
  exitCode: number;
  terminationMsg: string;
  startedAtMs?: number;
  completedAtMs?: number;
  durationMs: number;
  /** Whether there may be a log. A container that never started has none. */
  hasLog: boolean;
}

export function validatorResult(
  entry: { name: string; phase: string },
  outcome: Outcome,
  log?: LogResult,
): ValidatorResult {
  const { hasLog: _, ...rest } = outcome;
  return {
    name: entry.name,
    phase: entry.phase,
    ...rest,
    stdout: log?.stdout ?? [],
    ...(log?.extra === undefined ? {} : { extra: log.extra }),
    ...(log?.provenance === undefined ? {} : { runtimeProvenance: log.provenance }),
  };
}

/**
 * Chooses the pod of a Job to read (AICR's `GetPodForJob`): the youngest that is not being deleted. Of two pods that
 * were created in the same second, the one that has not failed wins.
 */
export function choosePod(pods: readonly Pod[]): Pod | undefined {
  return pods
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .reduce<Pod | undefined>((best, pod) => (best !== undefined && !isPreferred(pod, best) ? best : pod), undefined);
}

function isPreferred(pod: Pod, best: Pod): boolean {
  const difference = (timeOf(pod.metadata.creationTimestamp) ?? 0) - (timeOf(best.metadata.creationTimestamp) ?? 0);
  return difference > 0 || (difference === 0 && best.status?.phase === 'Failed' && pod.status?.phase !== 'Failed');
}

/** The error if a Job has no pod left. Only after this error may the Job's condition decide the result. */
export function podNotFoundError(): ContractError {
  return new ContractError('NOT_FOUND', 'pod for job not found');
}

/**
 * The result of a Job that has ended, from its pod (AICR's `ExtractResult`). A container status without any state means
 * waiting, as Kubernetes defines it; AICR would read exit code 0 from it, a pass.
 */
export function resultFromPod(pod: Pod): Outcome {
  const status = validatorStatus(pod);
  if (status === undefined) {
    return without(`container "${VALIDATOR_CONTAINER_NAME}" not found (validator package contract)`);
  }
  const { terminated, waiting, running } = status.state ?? {};
  if (terminated !== undefined) {
    const outcome = ended(terminated);
    return terminated.reason === 'OOMKilled' ? { ...outcome, terminationMsg: 'Container OOMKilled' } : outcome;
  }
  if (waiting === undefined && running !== undefined) {
    return { ...without('container still running after wait completed'), hasLog: true };
  }
  return without(`${waiting?.reason ?? ''}: ${waiting?.message ?? ''}`);
}

function ended(terminated: NonNullable<ContainerState['terminated']>): Outcome {
  const startedAtMs = timeOf(terminated.startedAt);
  const completedAtMs = timeOf(terminated.finishedAt);
  return {
    exitCode: terminated.exitCode,
    terminationMsg: boundTerminationMessage(terminated.message ?? ''),
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(completedAtMs === undefined ? {} : { completedAtMs }),
    durationMs: startedAtMs === undefined || completedAtMs === undefined ? 0 : completedAtMs - startedAtMs,
    hasLog: true,
  };
}

/** An outcome without an exit code. */
function without(terminationMsg: string): Outcome {
  return { exitCode: -1, terminationMsg, durationMs: 0, hasLog: false };
}

export interface MissingPod {
  /** The Job as it is now; null if it could not be read. */
  job: Job | null;
  jobName: string;
  /** Why there is no pod: `podNotFoundError()`, or the error of the call that should have returned it. */
  podError: unknown;
  /** The catalog's timeout, used if the Job has no deadline. */
  timeout?: string;
}

/**
 * The result of a Job that has ended but has no pod (AICR's `missingPodOutcome`). If the pod is known to be gone, the
 * Job's Failed condition decides: an exceeded deadline is a failure (exit code 1); any other reason is reported without
 * an exit code.
 */
export function resultForMissingPod(missing: MissingPod): Outcome {
  const gone = `pod not found for Job ${missing.jobName}: ${errorText(missing.podError)}`;
  const failed = hasCode(missing.podError, 'NOT_FOUND') ? failedCondition(missing.job) : undefined;
  if (failed === undefined) return without(gone);
  const reason = failed.reason ?? '';
  const detail = trimSpace(failed.message ?? '') || reason;
  if (reason === 'DeadlineExceeded') {
    const deadline = enforcedDeadline(missing.job, missing.timeout);
    const message =
      `validator Job did not complete within its ${deadline} deadline; no pod remains for it, so its logs are unavailable ` +
      `(Job condition Failed/${reason}: ${detail})`;
    return { ...without(boundTerminationMessage(message)), exitCode: 1 };
  }
  const message = `Job ${missing.jobName} failed (${reason}): ${detail}; pod not found: ${errorText(missing.podError)}`;
  return without(boundTerminationMessage(message));
}

/**
 * The deadline that Kubernetes enforced, as Go writes it: the Job's, or else the catalog's timeout in whole seconds.
 */
export function enforcedDeadline(job: Pick<Job, 'spec'> | null, timeout?: string): string {
  const live = job?.spec.activeDeadlineSeconds;
  const seconds = live === undefined ? effectiveTimeoutNs(timeout) / NS_PER_SECOND : BigInt(live);
  return formatGoDuration(seconds * NS_PER_SECOND);
}

export interface TimedOut {
  pod: Pod | null;
  /** The error that ended the wait; a timeout if there is none. */
  waitCause?: unknown;
  /** The catalog's timeout. */
  timeout?: string;
}

/** The result if the wait ended before the Job did (AICR's `HandleTimeout`). */
export function resultForTimeout({ pod, waitCause, timeout }: TimedOut): Outcome {
  if (pod === null) return without('pod never reached running state');
  const message = waitFailureMessage(waitCause, timeout);
  const status = validatorStatus(pod);
  if (status === undefined) {
    return without(`${message} (container "${VALIDATOR_CONTAINER_NAME}" not found - validator package contract)`);
  }
  const terminated = status.state?.terminated;
  return terminated === undefined ? { ...without(message), hasLog: true } : ended(terminated);
}

/** AICR's message for a wait that ended: only an exceeded deadline is called a timeout; any other cause is quoted. */
export function waitFailureMessage(cause: unknown, timeout?: string): string {
  if (cause === undefined || cause === null || isDeadline(cause)) {
    return `timeout: validator did not complete within ${formatGoDuration(effectiveTimeoutNs(timeout))}`;
  }
  return `validation failed: ${errorText(cause)}`;
}

/**
 * Whether the error or any of its causes is an exceeded deadline: the code TIMEOUT, or the TimeoutError that
 * `AbortSignal.timeout` throws.
 */
function isDeadline(cause: unknown): boolean {
  if (hasCode(cause, 'TIMEOUT')) return true;
  for (let at = cause, depth = 0; at instanceof Error && depth < 32; at = at.cause, depth++) {
    if (at.name === 'TimeoutError') return true;
  }
  return false;
}

/** The message of a wait that ended because the Job was deleted (`WaitForCompletion`). */
export const JOB_DELETED_MESSAGE = 'Job was deleted before reaching terminal state';

/** Go's `strings.TrimSpace`. JavaScript's `trim` differs: it keeps U+0085 and removes U+FEFF. */
function trimSpace(text: string): string {
  return text.replace(/^\p{White_Space}+/u, '').replace(/\p{White_Space}+$/u, '');
}

function timeOf(text: string | null | undefined): number | undefined {
  const ms = text == null ? Number.NaN : Date.parse(text);
  // If a command could not be started, the container runtime reports that it started in 1970.
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms;
}
