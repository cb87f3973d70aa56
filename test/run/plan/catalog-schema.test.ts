import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOG, type Fields } from '../../../src/aicr/catalog/catalog-fields.ts';
import { VALIDATOR_DEFAULT_TIMEOUT_MS } from '../../../src/aicr/constants.ts';
import { formatGoDuration, msToNs, parseGoDuration } from '../../../src/aicr/go/duration.ts';
import { TEXT_RULES } from '../../../src/run/plan/catalog-rules.ts';
import { catalogJsonSchema } from '../../../src/run/plan/catalog-schema.ts';

interface Schema {
  description?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
  pattern?: string;
  additionalProperties?: unknown;
}

const schema = catalogJsonSchema() as Schema;
const entry = schema.properties?.validators?.items ?? {};

describe('catalogJsonSchema', () => {
  it('has every field of a catalog with its description, and allows no others', () => {
    const compare = (fields: Fields, { properties = {}, additionalProperties }: Schema): void => {
      expect(Object.keys(properties)).toEqual(Object.keys(fields));
      expect(additionalProperties).toBe(false);
      for (const [name, field] of Object.entries(fields)) {
        const inner = properties[name] ?? {};
        expect(inner.description).toContain(field.description);
        expect(inner.default).toBe(field.default);
        const kind = field.kind === 'list' ? field.of : field;
        if (kind.kind === 'record') compare(kind.fields, field.kind === 'list' ? (inner.items ?? {}) : inner);
      }
    };
    compare(CATALOG.fields, schema);
  });

  it('requires a catalog’s mandatory fields', () => {
    expect(schema).toMatchObject({
      required: ['validators'],
      if: { properties: { metadata: {} }, required: ['metadata'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required: ['apiVersion', 'kind'], properties: { kind: { const: 'ValidatorCatalog' } } },
    });
    expect(entry.required).toEqual(['name', 'phase', 'image']);
  });

  it('allows numbers and booleans where YAML may read a text as one', () => {
    expect(entry.properties).toMatchObject({
      name: { type: 'string', maxLength: 49 },
      phase: { type: 'string', enum: ['deployment', 'conformance', 'performance'] },
      args: { type: 'array', items: { type: ['string', 'number', 'boolean'] } },
      resources: { properties: { cpu: { type: ['string', 'number'] } } },
      dependencyAffinity: {
        items: {
          properties: {
            podLabelSelector: { type: 'object', minProperties: 1, additionalProperties: { type: 'string' } },
          },
        },
      },
      exclusive: { type: 'array', items: { type: 'string', maxLength: 63 } },
      rerunnable: { type: 'boolean', default: false },
    });
  });

  it('accepts every timeout that is not negative, and no other text', () => {
    const timeout = new RegExp(entry.properties?.timeout?.pattern ?? '', 'u');
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }), (ns) => {
        expect(formatGoDuration(ns)).toMatch(timeout);
      }),
    );
    for (const text of ['0', '90s', '+1.5h', '.5s', '1.s', '1h30m', '1us', '1µs']) expect(text).toMatch(timeout);
    for (const text of ['', '5', '-1m', '5x', '1h ', 's', '.s', '1d']) expect(text).not.toMatch(timeout);
  });
});

describe('the schema of a text rule', () => {
  const samples: Record<keyof typeof TEXT_RULES, string> = {
    'validator name': 'ab1-AB_.é \n',
    image: 'a/:@1. \n\t',
    quantity: '01.+-nmkKMGiEe',
    'variable name': 'A=\0_ é',
    component: 'a \n',
    'resource class': 'ab1-AB_. ',
  };

  it.each(Object.entries(samples))('accepts what the check accepts: %s', (name, alphabet) => {
    const { accepts, schema: rule } = TEXT_RULES[name as keyof typeof TEXT_RULES];
    const pattern = new RegExp(rule.pattern ?? '', 'u');
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 8 }),
      fc.string({ unit: fc.constantFrom(...alphabet), minLength: 45, maxLength: 70 }),
    );
    fc.assert(
      fc.property(text, (value) => {
        // A quantity without digits, such as `.` or `Ki`, is zero to Kubernetes; no editor needs to accept it.
        fc.pre(name !== 'quantity' || (/^[-+]?\.?[0-9]/.test(value) && value.length < 9));
        const { minLength = 0, maxLength = Number.MAX_SAFE_INTEGER } = rule;
        const isLong = value.length >= minLength && value.length <= maxLength;
        expect(isLong && pattern.test(value)).toBe(accepts(value));
      }),
      { numRuns: 2000 },
    );
  });
});

it('gives the default timeout of the contract', () => {
  expect(parseGoDuration(CATALOG.fields.validators.of.fields.timeout.default)).toBe(
    msToNs(VALIDATOR_DEFAULT_TIMEOUT_MS),
  );
});
