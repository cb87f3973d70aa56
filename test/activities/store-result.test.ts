import { expect, it } from 'vitest';
import { storeResult } from '../../src/activities/store-result.ts';
import { reportEntry } from '../../src/report/report-entry.ts';
import { only, status } from '../fakes/fake-api-server.ts';
import { answering, input, passed } from './result-scene.ts';

const never = new AbortController().signal;

it('returns a verdict without its log if the namespace is being deleted and takes no result', async () => {
  const why = 'unable to create new content in namespace ns because it is being terminated';
  const { cluster, deps } = await answering(only('PATCH', /configmaps/, status(403, 'Forbidden', why)));
  const outcome = { exitCode: 0, terminationMsg: 'fine', durationMs: 0, hasLog: false };
  const kept = await storeResult(deps, cluster, input, { outcome, pod: passed }, never);
  expect(kept).toMatchObject({ status: 'passed', cause: 'completed', message: 'fine', stored: false });
  expect(kept.resultKey).toBeUndefined();
  const { extra } = reportEntry(kept, undefined);
  expect(extra?.lost).toMatch(/^the log could not be kept: forbidden: .*being terminated$/);
});

it('throws if the store fails with an error that may pass', async () => {
  const { cluster, deps } = await answering(only('PATCH', /configmaps/, status(409, 'Conflict', 'changed meanwhile')));
  const outcome = { exitCode: 0, terminationMsg: 'fine', durationMs: 0, hasLog: false };
  await expect(storeResult(deps, cluster, input, { outcome, pod: passed }, never)).rejects.toMatchObject({
    kind: 'conflict',
  });
});
