/**
 * How much may pass through Temporal. A payload over 2 MB is refused by the server, and one over 512 KB is warned of; what is larger stays
 * where it is and is given by reference.
 */

import { utf8Length } from '../../aicr/go/utf8.ts';
import type { Fault } from '../fault.ts';

const KIB = 1024;

/** How many validators of a phase run at once if the request does not say. */
export const DEFAULT_PARALLELISM = 8;

/** A whole request, as JSON. */
export const MAX_REQUEST_BYTES = 512 * KIB;
/** A snapshot or validation inside the request; it passes through the history twice. */
export const MAX_INLINE_TEXT_BYTES = 256 * KIB;
/** A catalog, inline or by reference, alone or merged: the workflow holds it whole. */
export const MAX_CATALOG_BYTES = 384 * KIB;
/** A text by reference: a ConfigMap holds 1 MiB with its metadata, so nothing larger could reach a validator. */
export const MAX_TEXT_BYTES = 900 * KIB;
/** The settings that every validator's input repeats: a thousand validators of 16 KiB are 16 MiB of a history's 50. */
export const MAX_SETTINGS_BYTES = 16 * KIB;
/** Validators that run: each is about twelve events of a history that ends at 51,200. */
export const MAX_VALIDATORS = 1000;
/** A plan, as JSON. Manifests that do not fit are left out and counted. */
export const MAX_PLAN_BYTES = 512 * KIB;

const MAX_FAULTS = 50;
const MAX_WARNINGS = 50;
const MAX_PATH = 200;
const MAX_MESSAGE = 600;

/** Bytes of a value as JSON in UTF-8; nothing has none. */
export function jsonBytes(value: unknown): number {
  return value === undefined ? 0 : utf8Length(JSON.stringify(value));
}

/** As many faults as a person reads, none longer than a person reads; the last says how many more there are. */
export function boundFaults(faults: readonly Fault[]): Fault[] {
  const kept = faults.slice(0, MAX_FAULTS).map(({ path, message }) => ({
    path: cut(path, MAX_PATH),
    message: cut(message, MAX_MESSAGE),
  }));
  const more = faults.length - kept.length;
  return more > 0 ? [...kept, { path: '…', message: `and ${more} more` }] : kept;
}

/** The same warning is given once, and there are never so many that the verdict could not be seen for them. */
export function boundWarnings(warnings: readonly string[]): string[] {
  const all = [...new Set(warnings.map((warning) => cut(warning, MAX_MESSAGE)))];
  const more = all.length - MAX_WARNINGS;
  return more > 0 ? [...all.slice(0, MAX_WARNINGS), `… and ${more} more warnings`] : all;
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
