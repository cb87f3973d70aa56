import { Context } from '@temporalio/activity';
import type { Phase } from '../aicr/phase.ts';
import { createLogReducer, type LogResult } from '../aicr/result/log-reducer.ts';
import { publishable } from '../aicr/result/provenance.ts';
import { exitCodeToStatus } from '../aicr/result/status.ts';
import { type Outcome, type ValidatorResult, validatorResult } from '../aicr/result/validator-result.ts';
import { type Warning, warningText } from '../aicr/warning.ts';
import { isKind } from '../cluster/cluster-error.ts';
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
  /** When its Job was about to be deployed, for results without a time of their own. */
  startMs: number;
}

/** What is kept in the result store until the report. */
export interface StoredResult extends Finding {
  result: ValidatorResult;
}

/** The message that passes through two histories; the whole one is in the store. */
const MAX_MESSAGE = 400;
/** After this many tries a log that cannot be read is given up: the verdict is what matters (the contract: only a warning). */
const LOG_TRIES = 5;
const LOG_START_MISSING =
  'the start of the validator log is most likely missing: the kubelet serves the file it wrote last';

/** Read the log, keep the whole result in the store, and answer with the small part of it. */
export async function storeResult(
  deps: ActivityDeps,
  cluster: Cluster,
  input: ReadResultInput,
  { outcome, pod }: { outcome: Outcome; pod: Pod | undefined },
  signal: AbortSignal,
): Promise<ValidatorOutcome> {
  const { run, anchor, job, ending, validator, startMs } = input;
  const why = diagnose(ending, pod);
  // Only its node's kubelet has the log, and a lost one does not answer: all tries would be in vain.
  const readable = outcome.hasLog && why.cause !== 'node-lost';
  const log = pod !== undefined && readable ? await logOf(cluster, run.namespace, pod, signal) : undefined;
  const result = withLogWarning(validatorResult(validator, outcome, log), log?.warnings ?? []);
  const resultKey = resultName(job.name);
  const store = deps.resultStore(cluster, run, anchor);
  // Where the namespace is being deleted: the verdict is at hand, and stands without its log.
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

/** What is wrong with a log (its start is missing, a sentinel is not JSON) is said beside it: AICR only logs it. */
function withLogWarning(result: ValidatorResult, warnings: readonly Warning[]): ValidatorResult {
  if (warnings.length === 0) return result;
  const logWarning = warnings.map(warningText).join('; ').slice(0, MAX_MESSAGE);
  return { ...result, extra: { ...result.extra, logWarning } };
}

/** As the pod has it: a webhook may have changed what was asked for. */
function imageOf({ spec }: Pod): string {
  return spec?.containers.find(({ name }) => name === VALIDATOR_CONTAINER_NAME)?.image ?? '';
}

async function logOf(
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
    return publishable(log, imageOf(pod));
  } catch (error) {
    const passing = isKind(
      error,
      'unreachable',
      'timeout',
      'server-error',
      'too-many-requests',
      'unauthorized',
      'conflict',
    );
    if (signal.aborted || (passing && Context.current().info.attempt < LOG_TRIES)) throw error;
    Context.current().log.warn('the log cannot be read; the verdict stands without it', {
      pod: name,
      error: String(error),
    });
    return undefined;
  }
}
