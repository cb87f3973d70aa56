// `npm run bench:cluster`: what a waiting validator costs the API server and the worker, and how soon its wait returns
// after its Job has ended. It uses a separate stack with KWOK's fake nodes, because one kubelet can run a hundred pods
// here, but not five thousand.
import { parseArgs } from 'node:util';
import { scaleDown, scaleUp } from '../dev/scale-stack.ts';
import { textTable } from '../dev/text-table.ts';
import { connect } from '../src/cluster/clusters.ts';
import { kubeConfigSource } from '../src/cluster/credentials/kubeconfig.ts';
import { installationSelector } from '../src/run/marks.ts';
import { createBenchNamespace } from './bench-namespace.ts';
import { BulkClient } from './bulk-client.ts';
import { type CallFigures, measureCalls } from './cluster-calls.ts';
import { measureTemporal, type TemporalFigures } from './cluster-temporal.ts';
import { measureWaiters, type WaiterFigures } from './cluster-waiters.ts';
import { CountingProxy } from './counting-proxy.ts';
import { readResult, targetRow, writeResult } from './figures.ts';
import { describeMachine, load } from './machine.ts';
import type { ScaleBench } from './scale-bench.ts';

const VALIDATORS = 24;

interface Plan {
  /** How many Jobs wait at the watch layer alone, one measurement for each number. */
  waiters: number[];
  /** How many validators wait through Temporal, one measurement for each number. */
  temporal: number[];
  /** How many Jobs end per second. Limited because the same two cores run the API server and its controllers. */
  waitersPerSecond: number;
  temporalPerSecond: number;
}

interface Figures {
  calls: CallFigures;
  waiters: WaiterFigures[];
  temporal: TemporalFigures[];
}

async function measureScale(
  bench: ScaleBench,
  plan: Plan,
  { waiters, temporal }: Figures,
  save: () => void,
): Promise<void> {
  for (const count of plan.temporal) {
    temporal.push(await logged(`${count} through Temporal`, measureTemporal(bench, count, plan.temporalPerSecond)));
    save();
  }
  for (const count of plan.waiters) {
    waiters.push(await logged(`${count} waiters`, measureWaiters(bench, count, plan.waitersPerSecond)));
    save();
  }
}

async function logged<T>(what: string, figures: Promise<T>): Promise<T> {
  const value = await figures;
  console.error(`${what}: ${JSON.stringify(value)}`);
  return value;
}

function summary({ calls, waiters, temporal }: Figures) {
  const largest = waiters.at(-1);
  const byCount = <T extends { waiting: number }>(all: T[], of: (one: T) => number) =>
    Object.fromEntries(all.map((one) => [one.waiting, of(one)]));
  return {
    apiCallsPerValidator: { total: calls.totalPerValidator, ...calls.perValidator },
    tlsConnections: {
      mostAtOnce: Math.max(calls.tls.mostOpen, ...temporal.map(({ tls }) => tls.mostOpen)),
      per1000Calls: (temporal.at(-1) ?? calls).tls.openedPer1000Calls,
    },
    bytesWatchedPerValidator: calls.bytesWatchedPerValidator,
    heapBytesPerWaitingJob: largest?.heapBytesPerWaitingJob ?? Number.NaN,
    wakeupP50Ms: byCount(waiters, ({ p50Ms }) => p50Ms),
    wakeupP99Ms: byCount(waiters, ({ p99Ms }) => p99Ms),
    wakeupThroughTemporalP50Ms: byCount(temporal, ({ p50Ms }) => p50Ms),
    wakeupThroughTemporalP99Ms: byCount(temporal, ({ p99Ms }) => p99Ms),
  };
}

const WAKEUP_HEAD = ['waiting', 'p50 ms', 'p99 ms', 'most ms'];

function wakeupCells({ waiting, p50Ms, p99Ms, mostMs }: WaiterFigures | TemporalFigures): number[] {
  return [waiting, p50Ms, p99Ms, mostMs];
}

function waitersTable(waiters: WaiterFigures[]): string {
  const rows = waiters.map((one) => [...wakeupCells(one), one.heapBytesPerWaitingJob, one.endedPerSecond]);
  return textTable([...WAKEUP_HEAD, 'heap B/Job', 'ended/s'], rows);
}

function temporalTable(temporal: TemporalFigures[]): string {
  const rows = temporal.map((one) => {
    const { callsPerValidator, tls, workerRssMiB, startedInS, doneInS } = one;
    return [...wakeupCells(one), callsPerValidator, tls.mostOpen, workerRssMiB, startedInS, doneInS];
  });
  return textTable([...WAKEUP_HEAD, 'calls', 'TLS at once', 'worker MiB', 'started s', 'done s'], rows);
}

function print(figures: Figures): void {
  const { calls, waiters, temporal } = figures;
  const result = summary(figures);
  console.log(textTable(['call', 'per validator'], Object.entries(calls.perValidator)));
  console.log(
    `\n${textTable(['call', 'per run'], [...Object.entries(calls.perRun), ...Object.entries(calls.watches)])}`,
  );
  console.log(`\nat the watch layer\n${waitersTable(waiters)}`);
  console.log(`\nthrough Temporal\n${temporalTable(temporal)}`);
  const targets = [
    { name: 'apiCallsPerValidator', value: result.apiCallsPerValidator.total, most: 5 },
    { name: 'tlsConnections at once', value: result.tlsConnections.mostAtOnce, most: 4 },
    { name: 'heapBytesPerWaitingJob', value: result.heapBytesPerWaitingJob, most: 10_000 },
    { name: 'wakeupP99Ms, the most', value: Math.max(...Object.values(result.wakeupP99Ms)), most: 50 },
    { name: '… through Temporal', value: Math.max(...Object.values(result.wakeupThroughTemporalP99Ms)), most: 50 },
  ];
  console.log(`\n${textTable(['figure', 'measured', 'target', ''], targets.map(targetRow))}`);
}

function numbers(list: string): number[] {
  return list.split(',').filter(Boolean).map(Number);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stack: { type: 'string', default: 'bench-scale' },
      'calls-stack': { type: 'string', default: 'bench' },
      waiters: { type: 'string', default: '10,100,1000,5000' },
      temporal: { type: 'string', default: '10,100,1000' },
      'waiters-per-second': { type: 'string', default: '20' },
      'temporal-per-second': { type: 'string', default: '10' },
      keep: { type: 'boolean', default: false },
      continue: { type: 'boolean', default: false },
    },
  });
  const machine = await describeMachine();
  const figures: Figures = values.continue
    ? readResult<Figures>('cluster')
    : {
        calls: await logged('calls', measureCalls(values['calls-stack'], VALIDATORS)),
        waiters: [],
        temporal: [],
      };
  // Saved after each part, because a later part of the long benchmark may fail.
  const save = () =>
    writeResult('cluster', { ...figures, machine: { ...machine, loadAfter: load() }, ...summary(figures) });
  const plan = {
    waiters: numbers(values.waiters),
    temporal: numbers(values.temporal),
    waitersPerSecond: Number(values['waiters-per-second']),
    temporalPerSecond: Number(values['temporal-per-second']),
  };
  save();
  await onScaleStack(values.stack, values.keep, (bench) => measureScale(bench, plan, figures, save));
  print(figures);
}

async function onScaleStack(name: string, keep: boolean, work: (bench: ScaleBench) => Promise<void>): Promise<void> {
  const stack = await scaleUp({ name, log: console.error });
  const benchNamespace = await createBenchNamespace(stack.temporal, 'bench-cluster');
  const proxy = await CountingProxy.inFrontOf(stack.cluster);
  const direct = connect('local', kubeConfigSource('local', { kubeconfig: stack.cluster.kubeconfig }), {
    userAgent: 'proctor-bench',
    selector: installationSelector(benchNamespace.installation),
  });
  const bulk = new BulkClient(stack.cluster.kubeconfig);
  try {
    await work({ stack, benchNamespace, direct, bulk, proxy });
  } finally {
    await direct.close();
    await bulk.close();
    await proxy.stop();
    await benchNamespace.close();
    if (!keep) await scaleDown({ name, log: console.error });
  }
}

await main();
