import type { ContainerState, Pod } from '../../../src/kubernetes/types.ts';
import type { Ending } from '../../../src/run/ending/ending.ts';

/** An RFC 3339 time that many seconds after an arbitrary start. */
export const T = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();

/** A pod whose validator is in this state; times are seconds after {@link T}'s start. */
export function pod(
  state: ContainerState,
  more: { created?: number; deletedAt?: number; grace?: number; disrupted?: boolean; container?: string } = {},
): Pod {
  return {
    metadata: {
      name: 'p',
      uid: `uid-${more.created ?? 0}`,
      creationTimestamp: T(more.created ?? 0),
      ...(more.deletedAt === undefined
        ? {}
        : { deletionTimestamp: T(more.deletedAt), deletionGracePeriodSeconds: more.grace ?? 30 }),
    },
    status: {
      containerStatuses: [{ name: more.container ?? 'validator', state }],
      ...(more.disrupted === true
        ? { conditions: [{ type: 'DisruptionTarget', status: 'True', message: 'evicted for memory' }] }
        : {}),
    },
  };
}

export const ended = (exitCode: number, finished: number, reason = 'Completed'): ContainerState => ({
  terminated: { exitCode, finishedAt: T(finished), reason },
});
export const complete: Ending = { kind: 'terminal', started: true, condition: { type: 'Complete', status: 'True' } };
