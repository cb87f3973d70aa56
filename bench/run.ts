// `npm run bench:run`: how long a whole run takes, compared with the least that kubectl must do, with one validator by
// hand, and with validators one after another. The two sides of a comparison take turns, so that other load on the
// machine affects both.

import { parseArgs } from 'node:util';
import type { Stack } from '../dev/stack.ts';
import { textTable } from '../dev/text-table.ts';
import { WorkerProcess } from '../dev/worker-process.ts';
import { type Cluster, connect } from '../src/cluster/clusters.ts';
import { kubeConfigSource } from '../src/cluster/credentials/kubeconfig.ts';
import { installationSelector } from '../src/run/marks.ts';
import { WORKFLOW_QUEUE } from '../src/run/task-queues.ts';
import type { RunValidatorInput } from '../src/run/validator-input.ts';
import type { runValidator } from '../src/workflows/index.ts';
import { type BenchNamespace, createBenchNamespace } from './bench-namespace.ts';
import { byHand } from './by-hand.ts';
import { median, round, targetRow, timed, writeResult } from './figures.ts';
import { type Floor, kubectlFloor } from './kubectl-floor.ts';
import { describeMachine, load } from './machine.ts';
import { RunSetup } from './run-setup.ts';
import { type TimeSpent, timeSpentIn } from './time-spent.ts';
import { type Entry, requestOf, validators } from './validators.ts';
import { withStack } from './with-stack.ts';

const VALIDATORS = 24;
const SLEEP_S = 10;

interface Bench {
  stack: Stack;
  benchNamespace: BenchNamespace;
  cluster: Cluster;
}

interface ParallelRound {
  proctorMs: number;
  floorMs: number;
  floor: Floor;
}

interface SingleRound {
  proctorMs: number;
  byHandMs: number;
  /** Without the wait for the Job's end, which depends on the kubelet and varies by a second. */
  proctorOwnMs: number;
  byHandOwnMs: number;
  spent: TimeSpent;
}

interface SleepRound {
  proctorMs: number;
  oneByHandMs: number;
}

/** Runs both sides of a round. Their order alternates from round to round. */
async function alternating<A, B>(index: number, one: () => Promise<A>, other: () => Promise<B>): Promise<[A, B]> {
  if (index % 2 === 0) return [await one(), await other()];
  const second = await other();
  return [await one(), second];
}

async function rounds<T>(title: string, count: number, once: (index: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (let index = 0; index < count; index++) {
    done.push(await once(index));
    console.error(`${title}, round ${index + 1} of ${count}: ${JSON.stringify(done.at(-1))}`);
  }
  return done;
}

async function wholeRun({ benchNamespace }: Bench, entries: Entry[], runId: string): Promise<number> {
  const { ms, value } = await timed(async () =>
    (await benchNamespace.proctor.start(requestOf(entries, { runId }))).result(),
  );
  const { passed } = value.counts;
  if (passed !== entries.length || value.cleanup !== 'complete') {
    throw new Error(
      `${passed} of ${entries.length} passed, cleanup ${value.cleanup}: ${JSON.stringify(value.problems)}`,
    );
  }
  return ms;
}

/**
 * (a) Proctor compared with kubectl. The Jobs are the same, with the same run id, except for the UIDs of their anchor
 * and workflow run.
 */
async function parallelRound(bench: Bench, index: number): Promise<ParallelRound> {
  const entries = validators(VALIDATORS, bench.stack.image, 'exit 0');
  const runId = RunSetup.newRunId();
  const [proctorMs, floor] = await alternating(
    index,
    () => wholeRun(bench, entries, runId),
    () => withRunSetup(bench, runId, (setup) => kubectlFloor(bench.stack.cluster, setup, entries)),
  );
  return { proctorMs, floorMs: floor.ms, floor };
}

async function withRunSetup<T>(
  { cluster, benchNamespace }: Bench,
  runId: string,
  work: (setup: RunSetup) => Promise<T>,
): Promise<T> {
  const setup = await RunSetup.create(cluster, benchNamespace.installation, runId);
  try {
    return await work(setup);
  } finally {
    await setup.remove();
  }
}

/** (b) The workflow `runValidator` compared with the same steps by hand. The Job is identical to the byte. */
async function singleRound(bench: Bench, setup: RunSetup, index: number): Promise<SingleRound> {
  const [entry] = validators(1, bench.stack.image, 'exit 0');
  if (entry === undefined) throw new Error('no validator');
  const [proctor, hand] = await alternating(
    index,
    () => timed(() => oneValidator(bench, setup, entry)),
    () => byHand(bench.cluster, setup, entry, AbortSignal.timeout(120_000)),
  );
  const spent = await timeSpentIn(proctor.value);
  return {
    proctorMs: proctor.ms,
    byHandMs: hand.ms,
    proctorOwnMs: proctor.ms - (spent.activities.waitForCompletion ?? Number.NaN),
    byHandOwnMs: hand.ms - hand.waitMs,
    spent,
  };
}

async function oneValidator({ benchNamespace }: Bench, { run, anchor }: RunSetup, entry: Entry) {
  const input: RunValidatorInput = { version: 1, run, anchor, entry, settings: {} };
  const handle = await benchNamespace.proctor.client.workflow.start<typeof runValidator>('runValidator', {
    taskQueue: WORKFLOW_QUEUE,
    workflowId: `bench-${crypto.randomUUID()}`,
    args: [input],
  });
  const { status: verdict, left } = await handle.result();
  if (verdict !== 'passed' || left !== undefined) throw new Error(`${verdict}, left: ${left?.join()}`);
  return handle;
}

/** (c) All validators at once through Proctor, compared with one by hand, whose time is that of each in a sequence. */
async function sleepRound(bench: Bench, index: number): Promise<SleepRound> {
  const entries = validators(VALIDATORS, bench.stack.image, `sleep ${SLEEP_S}`);
  const [entry] = entries;
  if (entry === undefined) throw new Error('no validator');
  const [proctorMs, one] = await alternating(
    index,
    () => wholeRun(bench, entries, RunSetup.newRunId()),
    () =>
      withRunSetup(bench, RunSetup.newRunId(), (setup) =>
        byHand(bench.cluster, setup, entry, AbortSignal.timeout(120_000)),
      ),
  );
  return { proctorMs, oneByHandMs: one.ms };
}

async function measure(bench: Bench, count: number, singles: number) {
  const machine = await describeMachine();
  // A warm-up: only the worker's first run compiles, connects and lists.
  await wholeRun(bench, validators(2, bench.stack.image, 'exit 0'), RunSetup.newRunId());
  const parallel = await rounds(`${VALIDATORS} in parallel`, count, (index) => parallelRound(bench, index));
  const single = await withRunSetup(bench, RunSetup.newRunId(), (setup) =>
    rounds('one validator', singles, (index) => singleRound(bench, setup, index)),
  );
  const sleeping = await rounds(`${VALIDATORS} of ${SLEEP_S} s`, count, (index) => sleepRound(bench, index));
  return {
    machine: { ...machine, loadAfter: load() },
    ...ratios(parallel, single, sleeping),
    parallel,
    single,
    sleeping,
  };
}

function ratios(parallel: ParallelRound[], single: SingleRound[], sleeping: SleepRound[]) {
  return {
    validators: VALIDATORS,
    parallelToFloor: round(median(parallel.map(({ proctorMs, floorMs }) => proctorMs / floorMs)), 3),
    // The difference of the medians, not of the pairs: a pair differs mostly by the kubelet's own variation.
    singleOverheadMs: round(
      median(single.map(({ proctorMs }) => proctorMs)) - median(single.map(({ byHandMs }) => byHandMs)),
    ),
    /**
     * The same without the wait for the Job's end. An upper bound, because the pod starts while Temporal dispatches the
     * next task.
     */
    singleOwnOverheadMs: round(
      median(single.map(({ proctorOwnMs }) => proctorOwnMs)) - median(single.map(({ byHandOwnMs }) => byHandOwnMs)),
    ),
    /** The time that the workflow spends outside its activities: Temporal's share of the above. */
    singleBetweenActivitiesMs: round(median(single.map(({ spent }) => spent.betweenMs))),
    tenSecondsSpeedup: round(median(sleeping.map((one) => (one.oneByHandMs * VALIDATORS) / one.proctorMs)), 2),
  };
}

function print(result: Awaited<ReturnType<typeof measure>>): void {
  const seconds = (values: number[]) => round(median(values) / 1000);
  const { parallel, single, sleeping } = result;
  const rows = [
    ['24 trivial, Proctor', seconds(parallel.map(({ proctorMs }) => proctorMs))],
    ['24 trivial, kubectl', seconds(parallel.map(({ floorMs }) => floorMs))],
    ['one, runValidator', seconds(single.map(({ proctorMs }) => proctorMs))],
    ['one, by hand', seconds(single.map(({ byHandMs }) => byHandMs))],
    ['24 of 10 s, Proctor', seconds(sleeping.map(({ proctorMs }) => proctorMs))],
    ['24 of 10 s, one after another by hand', seconds(sleeping.map(({ oneByHandMs }) => oneByHandMs * VALIDATORS))],
  ];
  const targets = [
    { name: 'parallelToFloor', value: result.parallelToFloor, most: 1.3 },
    { name: 'singleOverheadMs', value: result.singleOverheadMs, most: 250 },
    { name: 'tenSecondsSpeedup', value: result.tenSecondsSpeedup, least: 8 },
  ];
  console.log(textTable(['median of the rounds', 'seconds'], rows));
  console.log(`\n${textTable(['figure', 'measured', 'target', ''], targets.map(targetRow))}`);
}

async function measureOn(stack: Stack, count: number, singles: number): Promise<void> {
  const benchNamespace = await createBenchNamespace(stack.temporal, 'bench-run');
  const { kubeconfig, context } = stack.cluster;
  const cluster = connect('local', kubeConfigSource('local', { kubeconfig, context }), {
    userAgent: 'proctor-bench',
    selector: installationSelector(benchNamespace.installation),
  });
  const env = { ...benchNamespace.env, KUBECONFIG: kubeconfig, PROCTOR_CONTEXT: context };
  const worker = await WorkerProcess.start(env);
  try {
    const result = await measure({ stack, benchNamespace, cluster }, count, singles);
    print(result);
    writeResult('run', result);
  } finally {
    await worker.stop();
    await cluster.close();
    await benchNamespace.close();
  }
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    singles: { type: 'string' },
    stack: { type: 'string', default: 'bench' },
  },
});
const count = Number(values.rounds);
await withStack(values.stack, (stack) => measureOn(stack, count, Number(values.singles ?? count * 3)));
