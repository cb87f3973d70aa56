import { expect, it } from 'vitest';
import { gracesFrom } from '../../../src/run/ending/graces.ts';

it('converts a request’s graces from Go durations', () => {
  expect(gracesFrom({ imagePull: '90s', nodeLost: '1h' })).toEqual({ imagePull: 90_000, nodeLost: 3_600_000 });
});
