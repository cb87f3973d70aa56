import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { beforeAll, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('./histories/', import.meta.url));
const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
const files = readdirSync(folder);

let workflowBundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  // Each replay starts a worker, whose log lines would drown the output of the tests.
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
}, 120_000);

const read = (file: string) => historyFromJSON(JSON.parse(readFileSync(`${folder}${file}`, 'utf8')));

it('finds a history of every shape of a run', () => {
  const shapes = new Set(files.map((file) => file.split('.')[0]));
  expect([...shapes].sort()).toEqual([
    'cancelled',
    'fail-fast',
    'failure',
    'image-pull',
    'kept',
    'queued',
    'retry',
    'skip',
    'success',
    'timeout',
  ]);
});

it.each(files)('replays a history that was recorded under older code: %s', async (file) => {
  // Child workflow ids begin with the id of their run, which the history itself does not hold.
  await Worker.runReplayHistory({ workflowBundle }, read(file), `replay-${file.split('.')[0]}`);
});

it('refuses a history that has another activity than the code schedules', async () => {
  const history = read('success.one.json');
  const scheduled = history.events?.find(
    ({ activityTaskScheduledEventAttributes: activity }) => activity?.activityType?.name === 'deployJob',
  );
  if (scheduled?.activityTaskScheduledEventAttributes?.activityType)
    scheduled.activityTaskScheduledEventAttributes.activityType.name = 'somethingElse';
  await expect(Worker.runReplayHistory({ workflowBundle }, history)).rejects.toThrow();
});
