import { ContractError } from '../../aicr/contract-error.ts';
import type { Fault } from '../fault.ts';
import { boundFaults } from './review.ts';

/** A request that cannot be carried out, with everything that is wrong with it. */
export class InvalidRequest extends ContractError {
  readonly faults: Fault[];

  constructor(faults: Fault[]) {
    super('INVALID_REQUEST', describeFaults('the request', faults));
    this.name = 'InvalidRequest';
    this.faults = boundFaults(faults);
  }
}

/**
 * All faults in one bounded message, one a line, for the person who wrote the document.
 * @param what the document, such as `the request`.
 * @param so what follows from the faults.
 */
export function describeFaults(what: string, faults: readonly Fault[], so = ''): string {
  const shown = boundFaults(faults).map(({ path, message }) =>
    path === '…' ? `  ${message}` : `  ${path}: ${message}`,
  );
  const count = `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`;
  return [`${what} has ${count}${so}:`, ...shown].join('\n');
}
