import { expect, it } from 'vitest';
import { anchorName } from '../../src/run/anchor.ts';
import { asFirstRunId, asRunId, asWorkflowId, type FirstRunId, type WorkflowId } from '../../src/run/ids.ts';
import type { Marks } from '../../src/run/marks.ts';

const runId = asRunId('r');
const workflowId = asWorkflowId('w');
const firstRunId = asFirstRunId('f');

it('makes ids that are plain strings in JSON', () => {
  expect(JSON.stringify({ runId, workflowId, firstRunId })).toBe('{"runId":"r","workflowId":"w","firstRunId":"f"}');
});

// The compiler checks these: without the error that is expected, `tsc` fails.
it('makes ids that cannot be swapped', () => {
  const runState = (...ids: [WorkflowId, FirstRunId]) => ids.length;
  expect(runState(workflowId, firstRunId)).toBe(2);
  // @ts-expect-error -- swapped
  runState(firstRunId, workflowId);
  // @ts-expect-error -- the run's own id is not Temporal's
  runState(workflowId, runId);
  // @ts-expect-error -- a workflow id does not name an anchor
  anchorName(workflowId);
  // @ts-expect-error -- any string might be either
  anchorName('r');
  // @ts-expect-error -- swapped
  const marks: Marks = { installation: 'i', workflowId: firstRunId, workflowRunId: firstRunId };
  expect(marks).toHaveProperty('workflowId');
  const text: string = runId;
  expect(text).toBe('r');
});
