import { expect, it } from 'vitest';
import { CAUSES } from '../../src/run/ending/cause.ts';
import { notableCauses, SEARCH_ATTRIBUTES } from '../../src/run/search-attributes.ts';

it('names each cause once, but not those of a validator that ended by itself or did not run', () => {
  const causes = ['oom', 'completed', 'image-pull', 'oom', 'skipped'] as const;
  expect(notableCauses(causes.map((cause) => ({ cause })))).toEqual(['image-pull', 'oom']);
});

it('fits into what Temporal takes: six attributes, of two kilobytes each', () => {
  expect(Object.keys(SEARCH_ATTRIBUTES).length).toBeLessThanOrEqual(6);
  expect(JSON.stringify(notableCauses(CAUSES.map((cause) => ({ cause })))).length).toBeLessThan(2048);
});
