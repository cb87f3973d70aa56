import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatGoDuration, msToNs, parseGoDuration } from '../../../src/aicr/go/duration.ts';
import { effectiveTimeoutNs, jobDeadlineSeconds, orchestratorWaitFor } from '../../../src/aicr/job/clocks.ts';

describe('the clocks of a check', () => {
  it('use five minutes if the timeout is absent or zero', () => {
    for (const timeout of [undefined, '', '0s', 0n]) expect(formatGoDuration(effectiveTimeoutNs(timeout))).toBe('5m0s');
    expect(formatGoDuration(effectiveTimeoutNs('-1m'))).toBe('-1m0s');
  });

  it('end the wait within its budget, and before a deadline in the future', () => {
    const minute = 60_000;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 120 * minute }),
        fc.integer({ min: -minute, max: 200 * minute }),
        (timeoutMs, elapsed) => {
          const wait = orchestratorWaitFor({ observedStartMs: 0, nowMs: elapsed, timeoutNs: msToNs(timeoutMs) });
          expect(wait).toBeGreaterThan(0);
          expect(wait).toBeLessThanOrEqual(timeoutMs + 150_000);
          const toDeadline = timeoutMs + 210_000 - elapsed;
          if (toDeadline > 1000) expect(wait).toBeLessThanOrEqual(Math.max(toDeadline - 1000, 0));
          else expect(wait).toBe(30_000);
        },
      ),
    );
  });

  it.each([
    [0, 450_000],
    [30_000, 420_000],
    [90_000, 360_000],
    [479_000, 30_000],
    [480_000, 29_000],
    [495_000, 14_000],
    [509_000, 30_000],
    [510_000, 30_000],
    [-5_000, 450_000],
  ])('wait, %i ms after the start of a check of five minutes, another %i ms', (elapsed, want) => {
    expect(
      orchestratorWaitFor({ observedStartMs: 1e12, nowMs: 1e12 + elapsed, timeoutNs: parseGoDuration('5m') }),
    ).toBe(want);
  });

  it('wait for the whole budget if no start is known', () => {
    expect(orchestratorWaitFor({ observedStartMs: null, nowMs: 1e12, timeoutNs: parseGoDuration('5m') })).toBe(450_000);
  });

  it('truncate the deadline to whole seconds', () => {
    expect(jobDeadlineSeconds(parseGoDuration('1.999s'))).toBe(211);
    expect(jobDeadlineSeconds(parseGoDuration('-1h'))).toBe(-3390);
  });
});
