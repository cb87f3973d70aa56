import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContractError } from '../../../src/aicr/contract-error.ts';
import * as names from '../../../src/aicr/job/names.ts';

const RUN = '20260901-101500-0123456789abcdef';

const invalid = (message: string) => expect.objectContaining({ code: 'INVALID_REQUEST', message });

describe('names', () => {
  it('accepts a DNS label of at most 63 characters', () => {
    expect(names.isDnsLabel('a'.repeat(63))).toBe(true);
    expect(names.isDnsLabel('a'.repeat(64))).toBe(false);
  });

  it('makes a run id of exactly 16 hexadecimal digits', () => {
    const hex = '0123456789abcdef';
    expect(names.runId(0, hex)).toBe(`19700101-000000-${hex}`);
    for (const bad of [`0${hex}`, `${hex}0`, hex.slice(1), hex.toUpperCase()])
      expect(() => names.runId(0, bad)).toThrow(invalid(`not 16 hexadecimal digits: "${bad}"`));
  });

  it('refuses a Job name that is too long and says how long it is', () => {
    const name = 'a'.repeat(50);
    const whole = `aicr-${name}-00000000`;
    expect(() => names.jobName(name, '00000000')).toThrow(
      invalid(`job name "${whole}" exceeds 63 characters (length: 64)`),
    );
  });

  it('begins a run id with its time in UTC', () => {
    expect(names.runId(Date.UTC(2026, 8, 1, 10, 15, 0, 999), '0123456789abcdef')).toBe(RUN);
    expect(() => names.runId(0, 'xyz')).toThrow('not 16 hexadecimal digits');
  });

  it('names the objects of a run after its id', () => {
    expect(names.serviceAccountName(RUN)).toBe(`aicr-validator-${RUN}`);
    expect(names.clusterRoleBindingName(RUN)).toBe(`aicr-validator-${RUN}`);
    expect(names.snapshotConfigMapName(RUN)).toBe(`aicr-snapshot-${RUN}`);
    expect(names.validationConfigMapName(RUN)).toBe(`aicr-validation-${RUN}`);
    expect(names.reportConfigMapName(RUN, 'deployment')).toBe(`aicr-ctrf-${RUN}-deployment`);
  });

  it('gives a Job a DNS label of at most 63 characters, or throws', () => {
    const longest = 'a'.repeat(names.MAX_VALIDATOR_NAME);
    expect(names.jobName(longest, '01234567')).toHaveLength(63);
    for (const bad of [`${longest}a`, '', '-a', 'a-', 'A', 'a.b', 'a\n', 'ü']) {
      expect(() => names.jobName(bad, '01234567')).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    }
    fc.assert(
      fc.property(fc.string(), (validator) => {
        try {
          expect(names.isDnsLabel(names.jobName(validator, 'abcdef01'))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ContractError);
        }
      }),
    );
  });

  it('derives the suffix of a Job from run, validator and attempt, with a different one for each', () => {
    const suffix = (runId: string, validator: string, attempt: number) =>
      names.jobNameSuffix({ runId, validator, attempt });
    expect(suffix(RUN, 'a', 1)).toMatch(/^[0-9a-f]{8}$/);
    expect(suffix(RUN, 'a', 1)).toBe(suffix(RUN, 'a', 1));
    const all = Array.from({ length: 40 }, (_, v) =>
      Array.from({ length: 25 }, (_, a) => suffix(RUN, `v${v}`, a)),
    ).flat();
    expect(new Set(all).size).toBe(1000);
    // MurmurHash3 (x86, 32 bits, seed 0) of the parts joined by NUL, computed with another implementation.
    expect(suffix(RUN, 'a', 1)).toBe('e5495430');
    expect(suffix('r', 'ab', 12)).toBe('0b45ab49');
  });
});
