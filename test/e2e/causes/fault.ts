import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { CtrfTest } from '../../../src/aicr/result/ctrf.ts';
import { jobsCreated } from '../harness.ts';
import { DEADLINE_MS, type Scene } from './scene.ts';

/** A row of the table of `npm run causes`. */
export interface CauseRow {
  fault: string;
  expected: string;
  cause: string;
  ok: boolean;
  /** Time from the fault's beginning, as Kubernetes reports it, to its cause's name; null if it got none. */
  namedAfterMs: number | null;
  /** The validator's own timeout, for which Proctor would otherwise have waited, and longer. */
  deadlineMs: number;
}

/**
 * How much later than its grace a cause may be named, in milliseconds. One second of it is for Kubernetes, which
 * records the fault's beginning in whole seconds.
 */
const SLACK_MS = 5_000 + 1_000;
/** The same if the validator ended by itself: how soon its verdict is read depends only on how busy the machine is. */
const VERDICT_SLACK_MS = 30_000;

export interface Expected {
  cause: string;
  /** A second cause that is right too, if Kubernetes may report the fault in two ways. */
  orCause?: string;
  status?: CtrfTest['status'];
  message?: RegExp;
  evidence?: RegExp;
  /** Jobs created for it, by the audit log. */
  jobs?: number;
  graceMs?: number;
  /** Replaces {@link SLACK_MS} if the kubelet is slow to report the fault. */
  slackMs?: number;
}

/**
 * One fault. `inject` starts the run, injects the fault from outside and returns when the fault began, in milliseconds.
 * It returns undefined if the validator ended by itself; the validator's end is then the beginning. `verify` asserts
 * what is particular to this fault.
 */
export interface Fault {
  expected: Expected;
  inject(scene: Scene): Promise<number | undefined>;
  verify?(scene: Scene, test: CtrfTest): Promise<void> | void;
}

/**
 * Injects a fault and checks what Proctor reports. Writes the result as a row of the table, also if the check fails.
 */
export async function checkFault(fault: string, scene: Scene, { expected, inject, verify }: Fault): Promise<void> {
  const row: CauseRow = {
    fault,
    expected: expected.cause,
    cause: 'none',
    ok: false,
    namedAfterMs: null,
    deadlineMs: DEADLINE_MS,
  };
  try {
    const began = await Promise.race([inject(scene), scene.failure]);
    const test = await scene.test();
    row.cause = test.rawStatus ?? 'none';
    row.namedAfterMs = Math.round((await scene.namedAt()) - (began ?? test.stop ?? Number.NaN));
    await checkExpected(scene, test, expected, row.namedAfterMs);
    await verify?.(scene, test);
    row.ok = true;
  } finally {
    const file = process.env.PROCTOR_CAUSES_FILE;
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(row)}\n`);
  }
}

async function checkExpected(scene: Scene, test: CtrfTest, expected: Expected, namedAfterMs: number): Promise<void> {
  const { cause, orCause = cause, status = 'other', message, evidence, jobs = 1, graceMs = 0 } = expected;
  const { slackMs = cause === 'completed' ? VERDICT_SLACK_MS : SLACK_MS } = expected;
  expect(test).toMatchObject({
    rawStatus: expect.toBeOneOf([cause, orCause]),
    status,
    ...(message && { message: expect.stringMatching(message) }),
    extra: { cause: test.rawStatus, ...(evidence && { evidence: expect.stringMatching(evidence) }) },
  });
  expect(await jobsCreated(scene.validator)).toBe(jobs);
  expect(test.retries ?? 0).toBe(Math.max(0, jobs - 1));
  expect(namedAfterMs, 'not before its grace is over').toBeGreaterThanOrEqual(graceMs - 1_000);
  expect(namedAfterMs, 'named soon after its grace').toBeLessThan(graceMs + slackMs);
  const { cleanup, left } = await scene.result();
  expect({ cleanup, left }).toEqual({ cleanup: 'complete', left: [] });
}
