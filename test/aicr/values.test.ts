import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatGoDuration, msToNs, nsToMs, parseGoDuration } from '../../src/aicr/go/duration.ts';
import { canonicalQuantity, isQuantity } from '../../src/aicr/go/quantity.ts';
import { goQuote } from '../../src/aicr/go/quote.ts';
import { compareByBytes } from '../../src/aicr/go/utf8.ts';
import { effectiveTimeoutNs, jobDeadlineSeconds, orchestratorWaitFor } from '../../src/aicr/job/clocks.ts';
import { imagePullPolicy, isImmutableRef, resolveImage } from '../../src/aicr/job/image.ts';
import { encodeNodeSelector } from '../../src/aicr/job/node-selector.ts';
import { encodeTolerations } from '../../src/aicr/job/tolerations.ts';
import { exitCodeToStatus, isFailingStatus, phaseStatus } from '../../src/aicr/result/status.ts';

const nanoseconds = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });

it.each([
  ['9223372036854775807ns', 9223372036854775807n],
  ['-9223372036854775808ns', -9223372036854775808n],
  ['2562047h47m16.854775807s', 9223372036854775807n],
  ['+1.5us', 1_500n],
  ['.5ms', 500_000n],
  ['0.333333333333333333333333h', 1_200_000_000_000n],
  ['0.s', 0n],
  // Go takes of a fraction the digits that fit into 64 bits, and drops the rest.
  ['0.1159210529588888756044h', 417_315_790_652n],
])('the duration %s is %s nanoseconds', (text, ns) => expect(parseGoDuration(text)).toBe(ns));

it.each([
  [999n, '999ns'],
  [1_000n, '1µs'],
  [1_500n, '1.5µs'],
  [999_999n, '999.999µs'],
  [1_000_000n, '1ms'],
  [-1_000_000_000n, '-1s'],
  [60_000_000_000n, '1m0s'],
  [3_600_000_000_000n, '1h0m0s'],
])('%s nanoseconds are written %s', (ns, text) => expect(formatGoDuration(ns)).toBe(text));

describe('durations', () => {
  it('give back what was written, for every 64-bit number of nanoseconds', () => {
    fc.assert(
      fc.property(nanoseconds, (ns) => {
        expect(parseGoDuration(formatGoDuration(ns))).toBe(ns);
      }),
    );
    for (const ns of [0n, 1n, -1n, (1n << 63n) - 1n, -(1n << 63n)])
      expect(parseGoDuration(formatGoDuration(ns))).toBe(ns);
  });

  it('add up whatever parts they are given in', () => {
    const part = fc.tuple(fc.integer({ min: 0, max: 999 }), fc.constantFrom('h', 'm', 's', 'ms', 'us', 'µs', 'ns'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), fc.boolean(), (parts, negative) => {
        const written = parts.map(([n, unit]) => `${n}${unit}`);
        const sum = written.map(parseGoDuration).reduce((total, ns) => total + ns, 0n);
        expect(parseGoDuration(`${negative ? '-' : '+'}${written.join('')}`)).toBe(negative ? -sum : sum);
      }),
    );
  });

  it('never throw anything but Go’s words', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.-+hmsuµn "\\é') }), (text) => {
        try {
          parseGoDuration(text);
        } catch (error) {
          expect((error as Error).message).toMatch(
            /^time: (invalid duration|missing unit in duration|unknown unit ".*" in duration) "/s,
          );
        }
      }),
    );
  });

  it.each([
    ['', 'time: invalid duration ""'],
    ['5', 'time: missing unit in duration "5"'],
    ['5x', 'time: unknown unit "x" in duration "5x"'],
    ['.s', 'time: invalid duration ".s"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1h ', 'time: unknown unit "h " in duration "1h "'],
    ['é"', 'time: invalid duration "\\xc3\\xa9\\""'],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
    ['3000000h', 'time: invalid duration "3000000h"'],
    ['1toString', 'time: unknown unit "toString" in duration "1toString"'],
    ['1-1s', 'time: unknown unit "-" in duration "1-1s"'],
    ['9223372036854775807ns1ns', 'time: invalid duration "9223372036854775807ns1ns"'],
    ['-9223372036854775808ns1ns', 'time: invalid duration "-9223372036854775808ns1ns"'],
    ['-9223372036854775809ns', 'time: invalid duration "-9223372036854775809ns"'],
    ['2562048h1x', 'time: invalid duration "2562048h1x"'],
    // The number is read, and found too large, before its unit is.
    ['9223372036854775808', 'time: missing unit in duration "9223372036854775808"'],
    ['9223372036854775809', 'time: invalid duration "9223372036854775809"'],
    ['1\\', 'time: unknown unit "\\\\" in duration "1\\\\"'],
    ['1\n', 'time: unknown unit "\\x0a" in duration "1\\x0a"'],
    ['1\u0080', 'time: unknown unit "\\xc2\\x80" in duration "1\\xc2\\x80"'],
    ['1\u007f', 'time: unknown unit "\u007f" in duration "1\u007f"'],
    ['1 ', 'time: unknown unit " " in duration "1 "'],
  ])('%j: %s', (text, message) => expect(() => parseGoDuration(text)).toThrow(message));

  it.each([
    ['0', '0s'],
    ['1.5h', '1h30m0s'],
    ['.5s', '500ms'],
    ['1.s', '1s'],
    ['1500us', '1.5ms'],
    ['1.0000000001s', '1s'],
    ['-0.000000001s', '-1ns'],
    ['1h1ms', '1h0m0.001s'],
    ['0.3333333333333333333h', '20m0s'],
  ])('%s is %s', (text, canonical) => expect(formatGoDuration(parseGoDuration(text))).toBe(canonical));

  it('convert to milliseconds and back', () => {
    fc.assert(
      fc.property(fc.integer(), (ms) => {
        expect(nsToMs(msToNs(ms))).toBe(ms);
      }),
    );
    expect(nsToMs(1_500_000n)).toBe(1.5);
  });
});

describe('clocks', () => {
  it('default a timeout that is absent or zero to five minutes', () => {
    for (const timeout of [undefined, '', '0s', 0n]) expect(formatGoDuration(effectiveTimeoutNs(timeout))).toBe('5m0s');
    expect(formatGoDuration(effectiveTimeoutNs('-1m'))).toBe('-1m0s');
  });

  it('wait no longer than the budget and, once started, never past the deadline while that is ahead', () => {
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
  ])('five minutes, %i ms after the start: %i ms', (elapsed, want) => {
    expect(
      orchestratorWaitFor({ observedStartMs: 1e12, nowMs: 1e12 + elapsed, timeoutNs: parseGoDuration('5m') }),
    ).toBe(want);
  });

  it('give the whole budget when no start is known', () => {
    expect(orchestratorWaitFor({ observedStartMs: null, nowMs: 1e12, timeoutNs: parseGoDuration('5m') })).toBe(450_000);
  });

  it('truncate the deadline to whole seconds', () => {
    expect(jobDeadlineSeconds(parseGoDuration('1.999s'))).toBe(211);
    expect(jobDeadlineSeconds(parseGoDuration('-1h'))).toBe(-3390);
  });
});

describe('quantities', () => {
  const quantity = fc
    .tuple(
      fc.constantFrom('', '-', '+'),
      fc.stringMatching(/^[0-9]{1,25}$/),
      fc.option(fc.stringMatching(/^[0-9]{0,12}$/), { nil: undefined }),
      fc.constantFrom(
        '',
        'n',
        'u',
        'm',
        'k',
        'M',
        'G',
        'T',
        'P',
        'E',
        'Ki',
        'Mi',
        'Gi',
        'Ti',
        'Pi',
        'Ei',
        'e3',
        'E-6',
        'e0',
      ),
    )
    .map(
      ([sign, whole, fraction, suffix]) => `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${suffix}`,
    );

  it('written canonically stay as they are', () => {
    fc.assert(
      fc.property(quantity, (text) => {
        expect(canonicalQuantity(canonicalQuantity(text))).toBe(canonicalQuantity(text));
      }),
    );
  });

  it('keep their value, unless it is too fine or too great to be told', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'e3'),
        (number, suffix) => {
          expect(thousandths(canonicalQuantity(`${number}${suffix}`))).toBe(thousandths(`${number}${suffix}`));
        },
      ),
    );
  });

  function thousandths(text: string): bigint {
    const [, number = '0', suffix = ''] = /^(-?[0-9]+)(.*)$/.exec(text) ?? [];
    const factors: Record<string, bigint> = {
      '': 1000n,
      m: 1n,
      k: 10n ** 6n,
      M: 10n ** 9n,
      G: 10n ** 12n,
      T: 10n ** 15n,
      Ki: 1000n << 10n,
      Mi: 1000n << 20n,
      Gi: 1000n << 30n,
      Ti: 1000n << 40n,
      e3: 10n ** 6n,
      e6: 10n ** 9n,
      e9: 10n ** 12n,
    };
    return BigInt(number) * (factors[suffix] ?? 0n);
  }

  it.each([
    ['2000m', '2'],
    ['1024Mi', '1Gi'],
    ['0.5', '500m'],
    ['1.5Gi', '1536Mi'],
    ['1e3', '1e3'],
    ['1e4', '10e3'],
    ['0', '0'],
    ['-1Gi', '-1Gi'],
    ['Gi', '0'],
    ['-', '0'],
    ['.', '0'],
    ['1.', '1.'],
    ['01', '01'],
    ['+1', '+1'],
    ['1.500', '1.500'],
    ['1000', '1k'],
    ['1500m', '1500m'],
    ['0.1n', '1n'],
    ['-0.1n', '-1n'],
    ['1000E', '1'],
    ['9223372036854775808', '9223372036854775808'],
    ['10Ei', '9223372036854775807'],
    ['0.5Ki', '512'],
    ['1.1Ki', '1126400m'],
    ['1e-3', '1e-3'],
  ])('%s is written %s', (text, canonical) => expect(canonicalQuantity(text)).toBe(canonical));

  it.each([
    ['', 'quantities must match the regular expression'],
    ['1 ', 'quantities must match the regular expression'],
    ['1GB', 'quantities must match the regular expression'],
    ['1.2.3', 'quantities must match the regular expression'],
    ['1K', "unable to parse quantity's suffix"],
    ['1e', "unable to parse quantity's suffix"],
    ['1ee3', "unable to parse quantity's suffix"],
    ['1e99999999999999999999', "unable to parse quantity's suffix"],
    ['Ei', 'unable to parse numeric part of quantity'],
    ['1.0000000000000000000e2000000000', 'unable to parse numeric part of quantity'],
  ])('%j is none', (text, message) => {
    expect(() => canonicalQuantity(text)).toThrow(message);
    expect(isQuantity(text)).toBe(false);
  });
});

describe('image references', () => {
  const none = { version: '', commit: '', tagOverride: '', registryOverride: '' };
  const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/);
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const tag = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,8}$/);

  it('stay as they are without rules', () => {
    fc.assert(
      fc.property(fc.string(), (image) => {
        expect(resolveImage(image, none)).toBe(image);
      }),
    );
  });

  it('keep a digest through every rule, and everything but the registry', () => {
    fc.assert(
      fc.property(path, tag, name, (repository, override, registry) => {
        const image = `${repository}@sha256:${'0'.repeat(64)}`;
        expect(resolveImage(image, { ...none, version: 'v1.0.0', commit: 'abc1234', tagOverride: override })).toBe(
          image,
        );
        const moved = resolveImage(image, { ...none, registryOverride: registry });
        expect(moved.endsWith(`@sha256:${'0'.repeat(64)}`)).toBe(true);
        expect(moved.split('/').at(-1)).toBe(image.split('/').at(-1));
      }),
    );
  });

  it('get the overriding tag, whatever theirs was, and never lose a port', () => {
    fc.assert(
      fc.property(path, fc.option(tag, { nil: undefined }), tag, (repository, own, override) => {
        const image = `localhost:5001/${repository}`;
        const tagged = own === undefined ? image : `${image}:${own}`;
        expect(resolveImage(tagged, { ...none, version: 'v1.2.3', tagOverride: override })).toBe(
          `${image}:${override}`,
        );
      }),
    );
  });

  it('keep an explicit tag from version and commit', () => {
    fc.assert(
      fc.property(
        path,
        tag.filter((own) => own !== 'latest'),
        (repository, own) => {
          const image = `${repository}:${own}`;
          expect(resolveImage(image, { ...none, version: '1.2.3' })).toBe(image);
          expect(resolveImage(image, { ...none, commit: 'abcdef0' })).toBe(image);
        },
      ),
    );
  });

  it('are pulled always exactly when they may have moved', () => {
    const digest = `@sha256:${'a'.repeat(64)}`;
    expect(imagePullPolicy(`kind.local/x${digest}`, 'edge')).toBe('Never');
    expect(imagePullPolicy(`x${digest}`, 'edge')).toBe('IfNotPresent');
    expect(imagePullPolicy('x:v1', 'edge')).toBe('Always');
    expect(imagePullPolicy('x:latest', '')).toBe('Always');
    expect(imagePullPolicy('x:v1', '')).toBe('IfNotPresent');
  });

  it.each([
    [`anywhere/x@sha256:${'a'.repeat(64)}`, true],
    [`anywhere/x@sha256:${'a'.repeat(63)}`, false],
    [`@sha256:${'a'.repeat(64)}`, false],
    ['ghcr.io/nvidia/aicr-validators/x:v1.0.0', true],
    ['ghcr.io/nvidia/aicr-validators/x:v1.0.0-rc1', true],
    ['ghcr.io/nvidia/aicr-validators/x:v1.0.0-next', false],
    ['ghcr.io/nvidia/aicr-validators/x:v01.0.0', false],
    ['ghcr.io/nvidia/aicr-validators/x:1.0.0', false],
    [`ghcr.io/nvidia/aicr-validators/x:sha-${'a'.repeat(40)}`, true],
    ['ghcr.io/nvidia/aicr-validators/x:sha-abc1234', false],
    ['ghcr.io/nvidia/aicr-validators/x:uat-12', true],
    ['ghcr.io/nvidia/aicr-validators/x:edge', false],
    ['ghcr.io/nvidia/aicr-validators/x', false],
    ['example.com/x:v1.0.0', false],
    ['', false],
  ])('%s is immutable: %s', (image, immutable) => expect(isImmutableRef(image)).toBe(immutable));
});

describe('what the inner workloads are told', () => {
  it('is the node selector in the order of bytes', () => {
    expect(encodeNodeSelector({ b: '1', a: '', Z: 'x=y', '😀': '2', '\uffff': '3' })).toBe(
      'Z=x=y,a=,b=1,\uffff=3,😀=2',
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareByBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it('is each toleration in its form', () => {
    const tolerations = [
      { operator: 'Exists' },
      { operator: 'Exists', effect: 'NoExecute' },
      { operator: 'Equal', effect: 'NoSchedule' },
      { key: 'b' },
      { value: 'v', effect: 'NoSchedule' },
      { key: 'k', operator: 'Exists', effect: 'NoSchedule' },
      { key: 'k', value: 'v', effect: 'NoSchedule' },
    ];
    expect(encodeTolerations(tolerations)).toBe('*,*,:NoSchedule,b:,=v:NoSchedule,k:NoSchedule,k=v:NoSchedule');
  });
});

describe('statuses', () => {
  it('follow the exit code', () => {
    expect([0, 1, 2, 3, -1, 137].map(exitCodeToStatus)).toEqual([
      'passed',
      'failed',
      'skipped',
      'other',
      'other',
      'other',
    ]);
    expect(['passed', 'failed', 'skipped', 'other', 'pending'].map(isFailingStatus)).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
  });

  it('of a phase are the worst of its tests', () => {
    expect(phaseStatus([])).toBe('skipped');
    expect(phaseStatus(['skipped', 'skipped'])).toBe('passed');
    expect(phaseStatus(['passed', 'other', 'failed'])).toBe('failed');
    expect(phaseStatus(['passed', 'other'])).toBe('other');
    expect(phaseStatus(['passed', 'skipped'])).toBe('passed');
  });
});

it('quoting is Go’s', () => {
  expect(goQuote('\u0080\uffff')).toBe('"\\u0080\\uffff"');
  expect(goQuote('a"\\\n\t\x00\x7fü\u00a0\u200b😀\u{e0001}\ud800')).toBe(
    '"a\\"\\\\\\n\\t\\x00\\x7fü\\u00a0\\u200b😀\\U000e0001\ufffd"',
  );
});
