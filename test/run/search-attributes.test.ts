import { expect, it } from 'vitest';
import { CAUSES } from '../../src/run/ending/cause.ts';
import { notableCauses, SEARCH_ATTRIBUTES } from '../../src/run/search-attributes.ts';

it('lists each cause once, without those of validators that ended by themselves or did not run', () => {
  const causes = ['oom', 'completed', 'image-pull', 'oom', 'skipped'] as const;
  expect(notableCauses(causes.map((cause) => ({ cause })))).toEqual(['image-pull', 'oom']);
});

it('stays within Temporal’s limits: six attributes of 2 kB each', () => {
  expect(Object.keys(SEARCH_ATTRIBUTES).length).toBeLessThanOrEqual(6);
  expect(JSON.stringify(notableCauses(CAUSES.map((cause) => ({ cause })))).length).toBeLessThan(2048);
});
