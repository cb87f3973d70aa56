import type { CtrfReport } from '../../src/aicr/result/ctrf.ts';
import { EXPECTED } from './catalog.ts';

/** One line for each verdict that is missing or wrong in the report of a run that ended by itself. */
export function verdictsLost({ results }: CtrfReport): string[] {
  return EXPECTED.flatMap(({ name, status }) => {
    const test = results.tests.find((one) => one.name === name);
    if (test?.status === status && test.rawStatus === 'completed') return [];
    return [`${name}: ${status} expected, ${describe(test)}`];
  });
}

/** One line for each validator that is neither cancelled nor has its expected verdict, for a run ended from outside. */
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
