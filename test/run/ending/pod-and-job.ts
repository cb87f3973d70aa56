import type { ContainerState, Job, Pod } from '../../../src/kubernetes/types.ts';

/** A Job without status. */
export const job = (suspend?: boolean): Job => ({
  metadata: { name: 'j', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { ...(suspend === undefined ? {} : { suspend }), template: { spec: { containers: [] } } },
});

/** A pod with its validator in this state, and perhaps the scheduler's condition. */
export const pod = (
  state: ContainerState | undefined,
  scheduled?: { status: 'True' | 'False'; reason?: string; message?: string },
): Pod => ({
  metadata: { name: 'p', uid: 'u' },
  status: {
    ...(state === undefined ? {} : { containerStatuses: [{ name: 'validator', state }] }),
    ...(scheduled === undefined ? {} : { conditions: [{ type: 'PodScheduled', ...scheduled }] }),
  },
});
