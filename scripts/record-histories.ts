// Records the histories that `test/replay` replays: one real run of each shape with the workflows of its validators, on
// the local stack whose name is the first argument. It never replaces a recorded history, since runs that started with
// older code must continue with newer code.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { type Stack, up } from '../dev/stack.ts';
import { environmentOf, WorkerProcess } from '../dev/worker-process.ts';
import { ProctorClient, type RunHandle, type ValidateClusterRequest } from '../src/client.ts';

const FOLDER = fileURLToPath(new URL('../test/replay/histories/', import.meta.url));

interface ShapeValidator {
  name: string;
  script?: string;
  phase?: string;
  image?: string;
  cpu?: string;
  timeout?: string;
  rerunnable?: boolean;
}

interface Shape {
  validators: ShapeValidator[];
  /** Fields of the request beyond its catalog. */
  more?: Partial<ValidateClusterRequest>;
  /** What to do to the run while it is open. */
  whileOpen?: (handle: RunHandle, proctor: ProctorClient, stack: Stack) => Promise<void>;
}

const SHAPES: Record<string, Shape> = {
  success: { validators: [{ name: 'one', script: 'echo fine > /dev/termination-log' }] },
  failure: {
    validators: [
      { name: 'one', script: 'exit 1' },
      { name: 'two', phase: 'conformance', script: 'exit 0' },
    ],
  },
  'fail-fast': {
    validators: [
      { name: 'one', script: 'exit 1' },
      { name: 'two', phase: 'conformance', script: 'exit 0' },
    ],
    more: { failFast: true },
  },
  skip: {
    validators: [
      { name: 'one', script: 'exit 2' },
      { name: 'two', script: 'exit 0' },
    ],
    more: { skipChecks: ['two'] },
  },
  'image-pull': {
    validators: [{ name: 'one', image: 'docker.io/proctor/no-such-image:1' }],
    more: { graces: { imagePull: '2s' } },
  },
  queued: { validators: [1, 2, 3].map((i) => ({ name: `big-${i}`, cpu: '900m', script: 'sleep 3' })) },
  cancelled: {
    validators: [{ name: 'one', script: 'sleep 300' }],
    whileOpen: async (handle, proctor) => {
      while ((await proctor.progress(handle.workflowId)).validators[0]?.state !== 'running') await wait(200);
      await wait(2_000);
      await handle.cancel();
    },
  },
  timeout: { validators: [{ name: 'one', timeout: '1s', script: 'sleep 600' }] },
  retry: {
    validators: [{ name: 'one', rerunnable: true, script: 'sleep 6' }],
    whileOpen: async (handle, _proctor, stack) => deletePod(stack, await runningPod(stack, handle)),
  },
  kept: {
    validators: [
      { name: 'one', script: 'exit 1' },
      { name: 'two', script: 'exit 0' },
    ],
    more: { cleanup: { run: 'never', jobs: 'on-success', keepFor: '1m' } },
  },
};

const NAMESPACE = ['-n', 'aicr-validation'];

async function kubectl({ cluster }: Stack, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(cluster.kubectl, ['--kubeconfig', cluster.kubeconfig, ...args]);
  return stdout;
}

/** Waits until a pod of the run is running. */
async function runningPod(stack: Stack, { firstExecutionRunId }: RunHandle): Promise<string> {
  const selectors = [
    '-l',
    `proctor.run/workflow-run-id=${firstExecutionRunId}`,
    '--field-selector=status.phase=Running',
  ];
  for (;;) {
    const name = await kubectl(
      stack,
      'get',
      'pods',
      ...NAMESPACE,
      ...selectors,
      '-o',
      'jsonpath={.items[*].metadata.name}',
    );
    if (name !== '') return name;
    await wait(200);
  }
}

async function deletePod(stack: Stack, pod: string): Promise<void> {
  await kubectl(stack, 'delete', 'pod', pod, ...NAMESPACE, '--wait=false');
}

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const [stackName] = process.argv.slice(2);
  const stack = await up({ log: console.error, ...(stackName !== undefined && { name: stackName }) });
  const env = environmentOf(stack);
  Object.assign(process.env, env);
  const worker = await WorkerProcess.start(env);
  const proctor = await ProctorClient.connect();
  try {
    for (const [name, shape] of Object.entries(SHAPES))
      if (!existsSync(`${FOLDER}${name}.json`)) await record(proctor, name, shape, stack);
  } finally {
    await proctor.close();
    await worker.stop();
  }
}

async function record(proctor: ProctorClient, name: string, shape: Shape, stack: Stack): Promise<void> {
  const handle = await proctor.start(requestOf(shape, stack.image), { workflowId: `replay-${name}` });
  await shape.whileOpen?.(handle, proctor, stack);
  await handle.result().catch(() => undefined);
  await save(proctor, handle.workflowId, name);
  for (const { name: validator, phase = 'deployment' } of shape.validators) {
    await save(proctor, `${handle.workflowId}/${phase}/${validator}`, `${name}.${validator}`);
  }
}

/** Saves a workflow's history. A validator that did not run has none. */
async function save(proctor: ProctorClient, workflowId: string, name: string): Promise<void> {
  const history = await proctor.client.workflow
    .getHandle(workflowId)
    .fetchHistory()
    .catch(() => undefined);
  if (history === undefined) return;
  // The output of JSON.stringify cannot be replayed (sdk-typescript #1362).
  writeFileSync(`${FOLDER}${name}.json`, `${historyToJSON(history)}\n`);
  console.log(`${name}: ${history.events?.length ?? 0} events`);
}

function requestOf({ validators, more }: Shape, image: string): ValidateClusterRequest {
  const entries = validators.map(
    ({
      name,
      script = 'exit 0',
      phase = 'deployment',
      image: ownImage = image,
      cpu = '20m',
      timeout = '2m',
      rerunnable = false,
    }) => ({
      name,
      phase,
      image: ownImage,
      timeout,
      rerunnable,
      args: ['-c', script],
      resources: { cpu, memory: '16Mi' },
      exclusive: [],
    }),
  );
  return { cluster: 'local', catalog: { inline: { validators: entries } }, ...more };
}

await main();
