import { Context } from '@temporalio/activity';
import type { Phase } from '../aicr/phase.ts';
import { createLogReducer, type LogResult } from '../aicr/result/log-reducer.ts';
import { publishable } from '../aicr/result/provenance.ts';
import { exitCodeToStatus } from '../aicr/result/status.ts';
import { type Outcome, type ValidatorResult, validatorResult } from '../aicr/result/validator-result.ts';
import { type Warning, warningText } from '../aicr/warning.ts';
import { type ClusterErrorKind, isKind } from '../cluster/cluster-error.ts';
import type { Cluster } from '../cluster/clusters.ts';
import { readLog } from '../cluster/pod-log.ts';
import { hasStarted, terminatedState, VALIDATOR_CONTAINER_NAME } from '../kubernetes/pod.ts';
import type { Pod } from '../kubernetes/types.ts';
import { resultName } from '../run/anchor.ts';
import type { Finding } from '../run/ending/cause.ts';
import { diagnose } from '../run/ending/diagnosis.ts';
import type { Ending } from '../run/ending/ending.ts';
import { timingsOf } from '../run/ending/timings.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import type { NamedUid } from '../run/scope.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { permanentRefusal } from './to-failure.ts';
import { withHeartbeat } from './with-heartbeat.ts';

/** The input of `extractResult` and `handleTimeout`: the Job, and what the wait for it saw. */
export interface ReadResultInput extends RunInput {
  anchor: NamedUid;
  job: NamedUid;
  ending: Ending;
  validator: { name: string; phase: Phase; timeout: string };
  /** When the deploy of its Job began, for results that have no start time; in milliseconds since the epoch. */
  startMs: number;
}

/** What the result store keeps until the report. */
export interface StoredResult extends Finding {
  result: ValidatorResult;
}

/** Bounds the texts that pass through two workflows' histories. The store has the whole message. */
const MAX_MESSAGE = 400;
/**
 * After this many attempts to read the log, the verdict stands without it. AICR only warns about a log that it cannot
 * read.
 */
const LOG_ATTEMPTS = 5;
const RETRYABLE_LOG_ERRORS: readonly ClusterErrorKind[] = [
  'unreachable',
  'timeout',
  'server-error',
  'too-many-requests',
  'unauthorized',
  'conflict',
];
const LOG_START_MISSING =
  'the start of the validator log is most likely missing: the kubelet serves only the file that it wrote last';

/**
 * Reads the log, stores the whole result, and returns the small part of it that the workflow needs. Keeps G1: the
 * verdict stands without its log.
 */
export async function storeResult(
  deps: ActivityDeps,
  cluster: Cluster,
  input: ReadResultInput,
  { outcome, pod }: { outcome: Outcome; pod: Pod | undefined },
  signal: AbortSignal,
): Promise<ValidatorOutcome> {
  const { run, anchor, job, ending, validator, startMs } = input;
  const why = diagnose(ending, pod);
  // Only the kubelet of the pod's node has the log, and the kubelet of a lost node does not answer.
  const isReadable = outcome.hasLog && why.cause !== 'node-lost';
  const log = pod !== undefined && isReadable ? await reducedLog(cluster, run.namespace, pod, signal) : undefined;
  const result = withLogWarning(validatorResult(validator, outcome, log), log?.warnings ?? []);
  const resultKey = resultName(job.name);
  const store = deps.resultStore(cluster, run, anchor);
  // Nothing can be created in a namespace that is being deleted. The verdict is known, and stands without its log.
  const refused = await permanentRefusal(() => store.put(resultKey, { result, ...why } satisfies StoredResult, signal));
  return {
    name: validator.name,
    phase: validator.phase,
    status: exitCodeToStatus(result.exitCode),
    cause: why.cause,
    ...(why.evidence === undefined ? {} : { evidence: why.evidence.slice(0, MAX_MESSAGE) }),
    exitCode: result.exitCode,
    message: result.terminationMsg.slice(0, MAX_MESSAGE),
    startMs: result.startedAtMs ?? startMs,
    stopMs: result.completedAtMs ?? Date.now(),
    started: ending.started || (pod !== undefined && hasStarted(pod)),
    timings: timingsOf(ending.createdAt, pod),
    ...(pod?.spec?.nodeName === undefined ? {} : { node: pod.spec.nodeName }),
    ...(refused === undefined ? { stored: true, resultKey } : { stored: false, lost: refused.slice(0, MAX_MESSAGE) }),
  };
}

/** Adds the log's warnings to the result: its start is missing, or a sentinel is not JSON. AICR only logs them. */
function withLogWarning(result: ValidatorResult, warnings: readonly Warning[]): ValidatorResult {
  if (warnings.length === 0) return result;
  const logWarning = warnings.map(warningText).join('; ').slice(0, MAX_MESSAGE);
  return { ...result, extra: { ...result.extra, logWarning } };
}

/** The image in the pod, which a webhook may have changed. */
function validatorImage({ spec }: Pod): string {
  return spec?.containers.find(({ name }) => name === VALIDATOR_CONTAINER_NAME)?.image ?? '';
}

/** @returns the log, as AICR reduces it; undefined if it cannot be read, even after {@link LOG_ATTEMPTS} attempts. */
async function reducedLog(
  cluster: Cluster,
  namespace: string,
  pod: Pod,
  signal: AbortSignal,
): Promise<LogResult | undefined> {
  const reducer = createLogReducer();
  const name = pod.metadata.name ?? '';
  const startedAt = terminatedState(pod)?.startedAt ?? undefined;
  let bytes = 0;
  const take = (chunk: Uint8Array) => {
    bytes += chunk.length;
    reducer.push(chunk);
  };
  try {
    const ref = { namespace, pod: name, container: VALIDATOR_CONTAINER_NAME, startedAt };
    const { startMissing } = await withHeartbeat(
      () => ({ phase: 'Reading the log', pod: name, bytes }),
      () => readLog(cluster.api, ref, take, signal),
    );
    const log = reducer.end();
    if (startMissing) log.warnings.push({ message: LOG_START_MISSING, attributes: { bytes } });
    return publishable(log, validatorImage(pod));
  } catch (error) {
    const isRetryable = isKind(error, ...RETRYABLE_LOG_ERRORS) && Context.current().info.attempt < LOG_ATTEMPTS;
    if (signal.aborted || isRetryable) throw error;
    Context.current().log.warn('the log cannot be read; the verdict stands without it', {
      pod: name,
      error: String(error),
    });
    return undefined;
  }
}
