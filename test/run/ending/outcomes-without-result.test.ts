import { describe, expect, it } from 'vitest';
import {
  cancelledOutcome,
  deployFailedOutcome,
  lostOutcome,
  skippedByCallerOutcome,
  skippedByPhaseOutcome,
  unreachableOutcome,
} from '../../../src/run/ending/outcomes-without-result.ts';
import type { ValidatorOutcome } from '../../../src/run/ending/validator-outcome.ts';

const validator = { name: 'a', phase: 'deployment' as const };
const base = { ...validator, startMs: 1, stopMs: 2, started: false, stored: false };
const other = { ...base, status: 'other', exitCode: -1 };
const skipped = { ...base, status: 'skipped', cause: 'skipped', exitCode: 2, stopMs: 1 };

describe('the outcome of a validator', () => {
  it.each<[string, () => ValidatorOutcome, object]>([
    [
      'whose Job could not be created',
      () => deployFailedOutcome(validator, 'no', 1, 2),
      { ...other, cause: 'deploy-failed', message: 'failed to deploy Job: no' },
    ],
    [
      'whose run was cancelled',
      () => cancelledOutcome(validator, 1, 2),
      { ...other, cause: 'cancelled', message: 'cancelled: the run was cancelled before this validator ended' },
    ],
    [
      'whose cluster was unreachable, and that may have run',
      () => unreachableOutcome(validator, 'gone', 1, 2),
      { ...other, cause: 'cluster-unreachable', message: 'validation failed: gone', started: true },
    ],
    [
      'whose workflow was terminated',
      () => lostOutcome(validator, 'terminated', 1, 2),
      { ...other, cause: 'cancelled', message: "the validator's workflow ended without a result: terminated" },
    ],
    [
      'that the caller skipped',
      () => skippedByCallerOutcome(validator, 1),
      {
        ...skipped,
        message: 'skipped: named in skipChecks, so the caller declared this check out of scope for this run',
        extra: { skipReason: 'named-in-skip-checks' },
      },
    ],
    [
      'whose phase was skipped',
      () => skippedByPhaseOutcome(validator, 1),
      { ...skipped, message: 'skipped due to previous phase failure' },
    ],
  ])('%s says why it has no result', (_what, outcome, expected) => expect(outcome()).toStrictEqual(expected));

  it('has a message of at most 4096 bytes, however long the failure', () => {
    const long = 'x'.repeat(10_000);
    for (const outcome of [
      deployFailedOutcome(validator, long, 1, 2),
      unreachableOutcome(validator, long, 1, 2),
      lostOutcome(validator, long, 1, 2),
    ])
      expect(outcome.message).toMatch(/^[^x]*x{3900,4096}\.\.\. \[truncated \d+ bytes\]$/);
  });
});
