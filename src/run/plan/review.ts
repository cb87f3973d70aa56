/** The faults and warnings that an examination of a request finds. */

import type { Fault } from '../fault.ts';

export interface Review {
  faults: Fault[];
  warnings: string[];
}

/** A review without warnings. */
export function faultsOnly(faults: Fault[]): Review {
  return { faults, warnings: [] };
}

/** All faults and all warnings of several reviews, in their order. */
export function joinReviews(reviews: readonly Review[]): Review {
  return {
    faults: reviews.flatMap(({ faults }) => faults),
    warnings: reviews.flatMap(({ warnings }) => warnings),
  };
}

const MAX_FAULTS = 50;
const MAX_WARNINGS = 50;
const MAX_PATH = 200;
const MAX_MESSAGE = 600;

/** At most 50 faults, each cut to a readable length, and one that counts the others. */
export function boundFaults(faults: readonly Fault[]): Fault[] {
  const kept = faults.slice(0, MAX_FAULTS).map(({ path, message }) => ({
    path: cut(path, MAX_PATH),
    message: cut(message, MAX_MESSAGE),
  }));
  const more = faults.length - kept.length;
  return more > 0 ? [...kept, { path: '…', message: `and ${more} more` }] : kept;
}

/**
 * At most 50 different warnings, each cut to a readable length, and one that counts the others. More would hide the
 * verdict.
 */
export function boundWarnings(warnings: readonly string[]): string[] {
  const all = [...new Set(warnings.map((warning) => cut(warning, MAX_MESSAGE)))];
  const more = all.length - MAX_WARNINGS;
  return more > 0 ? [...all.slice(0, MAX_WARNINGS), `… and ${more} more warnings`] : all;
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
