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
  /** From the trouble's beginning, as Kubernetes tells it, to its name; null where it got none. */
  namedAfterMs: number | null;
  /** The validator's own time: what it would have been waited for, and longer. */
  deadlineMs: number;
}

/** How much later than its grace a trouble may be named, in milliseconds; and Kubernetes keeps whole seconds of when it began. */
const SLACK_MS = 5_000 + 1_000;
/** A validator that ended by itself is no trouble: how soon its verdict is read is the machine's affair. */
const VERDICT_SLACK_MS = 30_000;

export interface Expected {
  cause: string;
  /** Another name for the same, where Kubernetes is free to tell it in two ways. */
  orCause?: string;
  status?: CtrfTest['status'];
  message?: RegExp;
  evidence?: RegExp;
  /** Jobs that were made for it, by the audit log. */
  jobs?: number;
  graceMs?: number;
  /** How much later than its grace it may be named, where the kubelet takes its time: {@link SLACK_MS} by default. */
  slackMs?: number;
}

/**
 * One trouble: `make` starts the run, makes the trouble from outside and answers with its beginning in milliseconds; undefined where the
 * validator ended by itself, whose end is then the beginning. `also` asserts what is particular to it.
 */
export interface Fault {
  expected: Expected;
  inject(scene: Scene): Promise<number | undefined>;
  verify?(scene: Scene, test: CtrfTest): Promise<void> | void;
}

/** Plays a trouble and holds the product to what is expected; whatever comes of it is a row of the table. */
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
