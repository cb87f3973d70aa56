import type { Fault } from './fault.ts';
import { COMPONENTS } from './faults/components.ts';
import { CONNECTIONS } from './faults/connections.ts';
import { ENDINGS, RESET } from './faults/endings.ts';
import { LATE } from './faults/late-writes.ts';
import { OBJECTS } from './faults/objects.ts';
import { KILLED_AT, WORKERS } from './faults/workers.ts';
import type { Round } from './round.ts';

interface Plan {
  fault: Fault;
  /** How often the fault is injected in a round. */
  times: number;
  rounds: number;
  /** How many runs execute side by side. */
  runs: number;
}

const PLANS: Plan[] = [
  { fault: KILLED_AT.bound, times: 3, rounds: 1, runs: 2 },
  { fault: KILLED_AT.apply, times: 5, rounds: 1, runs: 1 },
  { fault: KILLED_AT.applied, times: 6, rounds: 2, runs: 1 },
  { fault: WORKERS.killedWaiting, times: 6, rounds: 2, runs: 1 },
  { fault: KILLED_AT.reading, times: 6, rounds: 2, runs: 1 },
  { fault: KILLED_AT.deleting, times: 5, rounds: 1, runs: 1 },
  { fault: KILLED_AT.deleted, times: 6, rounds: 1, runs: 1 },
  { fault: KILLED_AT.unbound, times: 3, rounds: 1, runs: 2 },
  { fault: KILLED_AT.anchor, times: 3, rounds: 1, runs: 2 },
  { fault: WORKERS.stopped, times: 5, rounds: 1, runs: 1 },
  { fault: WORKERS.pausedPastHeartbeat, times: 3, rounds: 1, runs: 1 },
  { fault: WORKERS.allGone, times: 1, rounds: 2, runs: 1 },
  { fault: COMPONENTS.temporal, times: 6, rounds: 1, runs: 1 },
  { fault: COMPONENTS.temporalKilled, times: 6, rounds: 1, runs: 1 },
  { fault: COMPONENTS.apiServer, times: 8, rounds: 1, runs: 1 },
  { fault: COMPONENTS.etcd, times: 8, rounds: 1, runs: 1 },
  { fault: COMPONENTS.kubelet, times: 8, rounds: 1, runs: 1 },
  { fault: COMPONENTS.containerd, times: 8, rounds: 1, runs: 1 },
  { fault: COMPONENTS.controllerManager, times: 5, rounds: 1, runs: 1 },
  { fault: COMPONENTS.scheduler, times: 5, rounds: 1, runs: 1 },
  { fault: CONNECTIONS.temporal, times: 12, rounds: 1, runs: 1 },
  { fault: CONNECTIONS.cluster, times: 12, rounds: 1, runs: 1 },
  { fault: OBJECTS.pods, times: 3, rounds: 1, runs: 1 },
  { fault: OBJECTS.jobs, times: 3, rounds: 1, runs: 1 },
  { fault: OBJECTS.podDeleted, times: 40, rounds: 1, runs: 2 },
  { fault: ENDINGS.cancelled, times: 1, rounds: 2, runs: 6 },
  { fault: ENDINGS.cancelledTwice, times: 1, rounds: 1, runs: 6 },
  { fault: ENDINGS.terminated, times: 1, rounds: 2, runs: 6 },
  { fault: RESET, times: 6, rounds: 2, runs: 2 },
  { fault: LATE.concurrentApply, times: 2, rounds: 2, runs: 1 },
  { fault: LATE.lateApply, times: 1, rounds: 2, runs: 1 },
];

/** First a run without any fault, then each fault in turn, several times. */
export const FULL: readonly Round[] = [
  { faults: [], runs: 1 },
  ...PLANS.flatMap(({ fault, times, rounds, runs }) =>
    Array.from({ length: rounds }, (): Round => ({ faults: [{ fault, times }], runs })),
  ),
];

const once = (...faults: Fault[]) => faults.map((fault) => ({ fault, times: 1 }));

/**
 * The faults that fit into two minutes and a few runs. It leaves out a worker that is killed at the end of a run,
 * because everything then waits for its heartbeat timeout.
 */
export const SHORT: readonly Round[] = [
  {
    faults: once(
      KILLED_AT.applied,
      WORKERS.killedWaiting,
      COMPONENTS.temporalKilled,
      KILLED_AT.reading,
      COMPONENTS.apiServer,
      COMPONENTS.etcd,
      CONNECTIONS.cluster,
      CONNECTIONS.temporal,
      KILLED_AT.deleted,
    ),
    runs: 1,
  },
  {
    faults: once(COMPONENTS.kubelet, COMPONENTS.containerd, OBJECTS.podDeleted, ENDINGS.cancelled),
    runs: 1,
  },
  { faults: once(ENDINGS.terminated), runs: 1 },
];
