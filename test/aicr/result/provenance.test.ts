import { expect, it } from 'vitest';
import { publishable } from '../../../src/aicr/result/provenance.ts';
import { reduceLog } from './reduce-log.ts';

const PROVENANCE = '##AICR-PROVENANCE## {"shippedDigest":"s","derivedDigest":"d"}\n';
const log = (text: string) => reduceLog(`##AICR-EXTRA## {"a":"b"}\n${text}done\n`);

it.each(['ghcr.io/nvidia/aicr-validators/performance:v1.2.3', `registry.example/x@sha256:${'0'.repeat(64)}`])(
  'publishes the provenance of %s, which cannot change',
  (image) => {
    expect(publishable(log(PROVENANCE), image)).toStrictEqual(log(PROVENANCE));
    expect(publishable(log(PROVENANCE), image).provenance).toEqual({ shippedDigest: 's', derivedDigest: 'd' });
  },
);

it.each([
  'ghcr.io/nvidia/aicr-validators/performance:latest',
  'registry.example/aicr-validators/performance:v1.2.3',
  '',
])('removes the provenance of %j, which may change, and warns', (image) => {
  expect(publishable(log(PROVENANCE), image)).toStrictEqual({
    ...log(''),
    warnings: [
      {
        message: 'the provenance is not published: its image may change; name it by its digest',
        attributes: { image },
      },
    ],
  });
});

it('does not change a log without provenance', () => {
  const bad = log('##AICR-EXTRA## {\n');
  expect(bad.warnings).toHaveLength(1);
  expect(publishable(bad, 'x:latest')).toBe(bad);
  expect(publishable(log(`##AICR-EXTRA## {\n${PROVENANCE}`), 'x:latest').warnings).toHaveLength(2);
});
