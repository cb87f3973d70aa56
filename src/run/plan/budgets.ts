/**
 * The limits of a run. Most are about Temporal: its server refuses a payload over 2 MB and warns about one over 512 KB.
 * Anything larger stays where it is and is given by reference.
 */

import { utf8Length } from '../../aicr/go/utf8.ts';

const KIB = 1024;

/** How many validators of a phase run at once if the request does not say. */
export const DEFAULT_PARALLELISM = 8;

/** A whole request, as JSON. */
export const MAX_REQUEST_BYTES = 512 * KIB;
/** A snapshot or validation inside the request; it passes through the history twice. */
export const MAX_INLINE_TEXT_BYTES = 256 * KIB;
/** A catalog, inline or by reference, alone or merged: the workflow holds all of it. */
export const MAX_CATALOG_BYTES = 384 * KIB;
/** A text by reference. A ConfigMap holds 1 MiB with its metadata, so nothing larger could reach a validator. */
export const MAX_TEXT_BYTES = 900 * KIB;
/**
 * The settings that every validator's input repeats: 1000 validators with 16 KiB each are 16 MiB of a history's 50 MiB.
 */
export const MAX_SETTINGS_BYTES = 16 * KIB;
/** Validators of a run. Each takes about twelve events of a history that ends at 51,200. */
export const MAX_VALIDATORS = 1000;
/** A plan, as JSON. Jobs that do not fit are left out and counted. */
export const MAX_PLAN_BYTES = 512 * KIB;

/** The size of a value as JSON in UTF-8, in bytes; 0 for undefined. */
export function jsonBytes(value: unknown): number {
  return value === undefined ? 0 : utf8Length(JSON.stringify(value));
}
