import { ContractError } from '../../aicr/contract-error.ts';
import type { Fault } from '../fault.ts';
import { boundFaults } from './review.ts';

/** The error of a request that cannot run, with all of its faults. */
export class InvalidRequest extends ContractError {
  readonly faults: Fault[];

  constructor(faults: Fault[]) {
    super('INVALID_REQUEST', describeFaults('the request', faults));
    this.name = 'InvalidRequest';
    this.faults = boundFaults(faults);
  }
}

/** @throws InvalidRequest if there are any faults. */
export function refuseFaults(faults: Fault[]): void {
  if (faults.length > 0) throw new InvalidRequest(faults);
}

/**
 * Lists all faults in one bounded message, one per line, for the person who wrote the document.
 * @param what the document, such as `the request`.
 * @param consequence what follows from the faults, with a comma before it.
 */
export function describeFaults(what: string, faults: readonly Fault[], consequence = ''): string {
  const shown = boundFaults(faults).map(({ path, message }) =>
    path === '…' ? `  ${message}` : `  ${path}: ${message}`,
  );
  const count = `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`;
  return [`${what} has ${count}${consequence}:`, ...shown].join('\n');
}
