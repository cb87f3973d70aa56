import type { Cluster } from '../cluster/clusters.ts';
import { JOBS } from '../cluster/resources.ts';
import { exitCodeInCondition } from '../contract/diagnosis.ts';
import { ranOutUnstarted } from '../contract/ending.ts';
import type { Job, Pod } from '../contract/kubernetes.ts';
import {
  choosePod,
  type Outcome,
  podNotFoundError,
  resultForMissingPod,
  resultForTimeout,
  resultFromPod,
} from '../contract/result.ts';
import type { ValidatorOutcome } from '../contract/run.ts';
import { exitCodeToStatus } from '../contract/status.ts';
import { endedByItself, terminatedState } from '../contract/verdict.ts';
import { activity } from './activity.ts';
import { keepResult, podsOf, type ReadResultInput } from './read-result.ts';
import type { ActivityDeps } from './run-activity.ts';

/**
 * Reads the exit code, the termination message and the log of a Job that has ended (the seed's `ExtractResult`), from the container named
 * `validator` and no other, whatever sidecars stand beside it: that name is a frozen part of the contract. To be called once the wait has
 * seen the end. What the wait saw is not asked for again, so a pod that was deleted since
 * costs its log at most. However the container ended is an answer; the whole result goes into the result store.
 */
export function extractResult(deps: ActivityDeps) {
  return activity(async (input: ReadResultInput, signal): Promise<ValidatorOutcome> => {
    const cluster = await deps.clusters.pinned(input.run.cluster, signal);
    return keepResult(deps, cluster, input, await read(cluster, input, signal), signal);
  });
}

async function read(
  cluster: Cluster,
  input: ReadResultInput,
  signal: AbortSignal,
): Promise<{ outcome: Outcome; pod: Pod | undefined }> {
  const seen = input.ending.pod;
  if (seen !== undefined && endedByItself(seen)) return { outcome: resultFromPod(seen), pod: seen };
  const pods = await podsOf(cluster, input.run.namespace, input.job, signal);
  const pod = pods.find(endedByItself) ?? choosePod(pods);
  if (pod !== undefined) return { outcome: resultFromPod(pod), pod };
  if (seen !== undefined && terminatedState(seen) !== undefined) return { outcome: interrupted(seen), pod: seen };
  return { outcome: await withoutPod(cluster, input, signal), pod: undefined };
}

/** Ended after its deletion was asked for: the exit code, 0 included, is how it took the SIGTERM and no verdict. */
function interrupted(pod: Pod): Outcome {
  const outcome = resultFromPod(pod);
  const { exitCode } = outcome;
  return {
    ...outcome,
    exitCode: -1,
    terminationMsg: `interrupted: the pod was being deleted when its validator ended (exit code ${exitCode})`,
  };
}

async function withoutPod(
  cluster: Cluster,
  { run, job, ending, validator }: ReadResultInput,
  signal: AbortSignal,
): Promise<Outcome> {
  if (ranOutUnstarted(ending)) return resultForTimeout({ pod: null, waitCause: undefined, timeout: validator.timeout });
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
