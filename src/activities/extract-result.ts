import { exitCodeToStatus } from '../aicr/result/status.ts';
import {
  type Outcome,
  podNotFoundError,
  resultForMissingPod,
  resultForTimeout,
  resultFromPod,
} from '../aicr/result/validator-result.ts';
import type { Cluster } from '../cluster/clusters.ts';
import { JOBS } from '../cluster/resources.ts';
import type { Job, Pod } from '../kubernetes/types.ts';
import { resultFromInterrupted, wasInterrupted } from '../run/ending/interrupted.ts';
import { exitCodeInCondition, timedOutBeforeStart } from '../run/ending/terminal-ending.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import type { ActivityDeps } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { selectResultPod } from './select-result-pod.ts';
import { type ReadResultInput, storeResult } from './store-result.ts';

/**
 * Reads the exit code, the termination message and the log of a Job that has ended, as AICR's `Deployer.ExtractResult`
 * does. Only the container named `validator` counts, whatever sidecars the pod has: that name is a frozen part of
 * AICR's contract.
 *
 * A verdict that the wait saw is not read again, so if the pod has been deleted since then, at most its log is lost.
 * Any end of the container is a result and not an error. The whole result goes into the result store.
 */
export function extractResult(deps: ActivityDeps) {
  return defineActivity(async (input: ReadResultInput, signal): Promise<ValidatorOutcome> => {
    const cluster = await deps.clusters.pinned(input.run.cluster, signal);
    return storeResult(deps, cluster, input, await readOutcome(cluster, input, signal), signal);
  });
}

async function readOutcome(
  cluster: Cluster,
  input: ReadResultInput,
  signal: AbortSignal,
): Promise<{ outcome: Outcome; pod: Pod | undefined }> {
  const { ending, validator } = input;
  const pod = await selectResultPod(cluster, input, signal);
  if (pod !== undefined && !wasInterrupted(pod)) return { outcome: resultFromPod(pod), pod };
  const last = pod ?? ending.pod;
  if (timedOutBeforeStart(ending, last)) {
    return { outcome: resultForTimeout({ pod: null, waitCause: undefined, timeout: validator.timeout }), pod: last };
  }
  if (last !== undefined && wasInterrupted(last)) return { outcome: resultFromInterrupted(last), pod: last };
  return { outcome: await outcomeWithoutPod(cluster, input, signal), pod: undefined };
}

/** What the Job itself says about a validator whose pods are all gone. */
async function outcomeWithoutPod(
  cluster: Cluster,
  { run, job, ending, validator }: ReadResultInput,
  signal: AbortSignal,
): Promise<Outcome> {
  const found = await cluster.api.find<Job>({ resource: JOBS, namespace: run.namespace, name: job.name }, signal);
  const live = found?.metadata.uid === job.uid ? found : null;
  const outcome = resultForMissingPod({
    job: live,
    jobName: job.name,
    podError: podNotFoundError(),
    timeout: validator.timeout,
  });
  const exitCode = exitCodeInCondition(ending);
  if (exitCode === undefined || exitCodeToStatus(exitCode) === 'other') return outcome;
  return { ...outcome, exitCode };
}
