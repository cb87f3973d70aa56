import type { CtrfReport } from '../../src/aicr/result/ctrf.ts';
import { EXPECTED } from './catalog.ts';

/** What is wrong with the verdicts of a run that went to its end: one line for each that is not there or not the one expected. */
export function verdictsLost({ results }: CtrfReport): string[] {
  return EXPECTED.flatMap(({ name, status }) => {
    const test = results.tests.find((one) => one.name === name);
    if (test?.status === status && test.rawStatus === 'completed') return [];
    return [`${name}: ${status} expected, ${describe(test)}`];
  });
}

/** Of a run that was ended from outside: what it says of a validator is its verdict, or that it has none. */
export function wrongVerdicts({ results }: CtrfReport): string[] {
  return results.tests.flatMap((test) => {
    const expected = EXPECTED.find(({ name }) => name === test.name)?.status;
    if (test.rawStatus === 'cancelled' || (test.status === expected && test.rawStatus === 'completed')) return [];
    return [`${test.name}: ${expected} or cancelled expected, ${describe(test)}`];
  });
}

function describe(test: CtrfReport['results']['tests'][number] | undefined): string {
  if (test === undefined) return 'not in the report';
  const { status, rawStatus, message = '', extra } = test;
  return `${status} (${rawStatus}) found: ${message.trim()} ${extra?.evidence ?? ''}`.trim();
}
