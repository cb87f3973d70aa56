// `npm run bench:workflow`: how large the workflow bundle is, and how much heap a worker spends on each `runValidator`
// in its cache. Each cached workflow evaluates the bundle's modules separately, so whatever a module creates when it is
// loaded exists once for each cached workflow. An argument names another file of workflows to bundle.
//
// The benchmark creates workflows with the SDK's own classes, as a worker does, but in this thread, whose heap it can
// measure, and without a server.
import { resolve } from 'node:path';
import { defaultPayloadConverter, TypedSearchAttributes } from '@temporalio/common';
import { msNumberToTs } from '@temporalio/common/lib/time.js';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { parseWorkflowCode } from '@temporalio/worker/lib/worker.js';
import { ReusableVMWorkflowCreator } from '@temporalio/worker/lib/workflow/reusable-vm.js';
import type { WorkflowInfo } from '@temporalio/workflow';
import { createUnsafeRandomSource } from '@temporalio/workflow/lib/random-helpers.js';
import { asFirstRunId, asRunId, asWorkflowId } from '../src/run/ids.ts';
import { WORKFLOW_QUEUE } from '../src/run/task-queues.ts';
import type { RunValidatorInput } from '../src/run/validator-input.ts';
import { median, ROOT } from './figures.ts';
import { usedHeapBytes } from './heap.ts';

const WORKFLOW_TYPE = 'runValidator';
const FIRST_ACTIVITY = 'deployJob';
const ROUNDS = 3;
const WORKFLOWS_PER_ROUND = 500;
/** Created before the first round and not counted: the first workflows compile code that all others use. */
const WARM_UP_WORKFLOWS = 50;
const TASK_TIMEOUT_MS = 10_000;
const NOW_MS = Date.UTC(2026, 0, 1);

/** The input of one validator, of the size that a catalog and a request usually give it. */
const INPUT: RunValidatorInput = {
  version: 1,
  run: {
    cluster: { name: 'gpu-cluster-1', uid: '5f0c9f0e-7a3e-4c1c-9a53-0d7f2c7f9a11' },
    namespace: 'aicr-validation',
    runId: asRunId('20260101-000000-0123456789abcdef'),
    marks: {
      installation: '0b8c1a52-3a5d-4f9e-8a8f-5f1f0d7f3c22',
      workflowId: asWorkflowId('validate-gpu-cluster-1'),
      workflowRunId: asFirstRunId('7d3c5e1b-9e0a-4a77-b1ce-2f6a4f1b8d33'),
    },
  },
  anchor: { name: 'proctor-run-7d3c5e1b', uid: '1c9e4d6a-52b8-4e0b-8f57-6a0d9b3e7f44' },
  entry: {
    name: 'nccl-all-reduce-bw',
    phase: 'performance',
    description: 'Verify that the bandwidth of NCCL all-reduce meets the threshold',
    image: 'ghcr.io/nvidia/aicr-validators/performance:latest',
    timeout: '30m0s',
    resources: { cpu: '1', memory: '1Gi' },
    dependencyAffinity: [{ componentRef: 'gpu-operator', podLabelSelector: { app: 'nvidia-dcgm-exporter' } }],
  },
  settings: {
    imagePullSecrets: ['ngc'],
    tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
    nodeSelector: { 'nvidia.com/gpu.present': 'true' },
  },
  attempts: 3,
};

type Workflow = Awaited<ReturnType<ReusableVMWorkflowCreator['createWorkflow']>>;

async function main(): Promise<void> {
  const workflowsPath = resolve(process.argv[2] ?? `${ROOT}/src/workflows/index.ts`);
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const withoutSourceMap = code.slice(0, code.lastIndexOf('//# sourceMappingURL='));
  const perWorkflow = await measureHeap(code);
  const figures = {
    workflowsPath,
    bundleBytes: { withoutSourceMap: Buffer.byteLength(withoutSourceMap), withSourceMap: Buffer.byteLength(code) },
    heapBytesPerWorkflow: { median: Math.round(median(perWorkflow)), rounds: perWorkflow.map(Math.round) },
  };
  console.log(JSON.stringify(figures, undefined, 2));
}

/** @returns bytes of heap for each cached workflow, one figure for each round. */
async function measureHeap(code: string): Promise<number[]> {
  const activities = new Set([FIRST_ACTIVITY]);
  const creator = await ReusableVMWorkflowCreator.create(parseWorkflowCode(code), TASK_TIMEOUT_MS, activities);
  const warmUp = await startWorkflows(creator, 'warm-up', WARM_UP_WORKFLOWS);
  const perWorkflow: number[] = [];
  for (let round = 0; round < ROUNDS; round++) perWorkflow.push(await measureRound(creator, `round-${round}`));
  for (const workflow of warmUp) await workflow.dispose();
  await creator.destroy();
  return perWorkflow;
}

/** Not inside a loop, whose variable would still hold the last round's workflows when the next round begins. */
async function measureRound(creator: ReusableVMWorkflowCreator, name: string): Promise<number> {
  const before = usedHeapBytes();
  const workflows = await startWorkflows(creator, name, WORKFLOWS_PER_ROUND);
  const bytes = (usedHeapBytes() - before) / WORKFLOWS_PER_ROUND;
  for (const workflow of workflows) await workflow.dispose();
  return bytes;
}

async function startWorkflows(creator: ReusableVMWorkflowCreator, name: string, count: number): Promise<Workflow[]> {
  const workflows: Workflow[] = [];
  for (let index = 0; index < count; index++) workflows.push(await startWorkflow(creator, `${name}-${index}`));
  return workflows;
}

/** A workflow in the state that a worker caches: it has started and waits for its first activity. */
async function startWorkflow(creator: ReusableVMWorkflowCreator, runId: string): Promise<Workflow> {
  const workflow = await creator.createWorkflow({
    info: infoOf(runId),
    randomnessSeed: [1, 2, 3, 4, 5, 6, 7, 8],
    now: NOW_MS,
    showStackTraceSources: false,
  });
  const input = defaultPayloadConverter.toPayload(INPUT);
  const { successful } = await workflow.activate({
    runId,
    timestamp: msNumberToTs(NOW_MS),
    jobs: [{ initializeWorkflow: { workflowType: WORKFLOW_TYPE, arguments: [input] } }],
  });
  const scheduled = successful?.commands?.map(({ scheduleActivity }) => scheduleActivity?.activityType);
  if (!scheduled?.includes(FIRST_ACTIVITY)) throw new Error(`${WORKFLOW_TYPE} did not schedule ${FIRST_ACTIVITY}`);
  return workflow;
}

function infoOf(runId: string): WorkflowInfo {
  const random = createUnsafeRandomSource(Math.random);
  const { workflowId, workflowRunId } = INPUT.run.marks;
  return {
    workflowId: runId,
    runId,
    workflowType: WORKFLOW_TYPE,
    taskQueue: WORKFLOW_QUEUE,
    namespace: 'default',
    firstExecutionRunId: runId,
    originalExecutionRunId: runId,
    parent: { workflowId, runId: workflowRunId, namespace: 'default' },
    startTime: new Date(NOW_MS),
    runStartTime: new Date(NOW_MS),
    taskTimeoutMs: TASK_TIMEOUT_MS,
    attempt: 1,
    historyLength: 3,
    historySize: 0,
    continueAsNewSuggested: false,
    targetWorkerDeploymentVersionChanged: false,
    searchAttributes: {},
    typedSearchAttributes: new TypedSearchAttributes(),
    unsafe: { now: Date.now, isReplaying: false, isReplayingHistoryEvents: false, random },
  };
}

await main();
