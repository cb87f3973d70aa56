/** The names that AICR gives to a run's objects (docs/contract.md, sections 3, 4 and 6). */
import { RBAC_NAME_PREFIX } from '../constants.ts';
import { ContractError } from '../contract-error.ts';
import { goQuote } from '../go/quote.ts';
import { encodeUtf8 } from '../go/utf8.ts';

/** Lower-case letters, digits and hyphens, at least one, and no hyphen at either end. */
export const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
export const MAX_DNS_LABEL = 63;
const JOB_NAME_PREFIX = 'aicr-';
const SUFFIX_LENGTH = 8;

/** 63 characters less `aicr-`, a hyphen and eight hexadecimal digits. */
export const MAX_VALIDATOR_NAME = MAX_DNS_LABEL - JOB_NAME_PREFIX.length - 1 - SUFFIX_LENGTH;

/** Whether the text is a DNS-1123 label, which Kubernetes accepts as the name of a Job or a namespace. */
export function isDnsLabel(text: string): boolean {
  return text.length <= MAX_DNS_LABEL && DNS_LABEL.test(text);
}

/**
 * A run id: `YYYYMMDD-HHMMSS-` and 16 hexadecimal digits (AICR's `runid.Generate`). The time is in UTC, so that workers
 * in different time zones agree; AICR uses local time. The caller supplies the digits, since a workflow must take its
 * random numbers from Temporal.
 */
export function runId(nowMs: number, hex16: string): string {
  if (!/^[0-9a-f]{16}$/.test(hex16))
    throw new ContractError('INVALID_REQUEST', `not 16 hexadecimal digits: ${goQuote(hex16)}`);
  const time = new Date(nowMs).toISOString();
  return `${time.slice(0, 10).replaceAll('-', '')}-${time.slice(11, 19).replaceAll(':', '')}-${hex16}`;
}

/** AICR's `ServiceAccountName`. Each run has its own, so that overlapping runs never delete each other's. */
export function serviceAccountName(run: string): string {
  return `${RBAC_NAME_PREFIX}-${run}`;
}

/** AICR's `ClusterRoleBindingName`. The object has no namespace, so only the run id tells runs apart. */
export function clusterRoleBindingName(run: string): string {
  return `${RBAC_NAME_PREFIX}-${run}`;
}

export function snapshotConfigMapName(run: string): string {
  return `aicr-snapshot-${run}`;
}

export function validationConfigMapName(run: string): string {
  return `aicr-validation-${run}`;
}

export function reportConfigMapName(run: string, phase: string): string {
  return `aicr-ctrf-${run}-${phase}`;
}

/**
 * The Job's name (AICR's `generateJobName`).
 * @throws ContractError if the validator's name is not a DNS label, or if the Job's name is longer than 63 characters.
 * AICR panics in both cases.
 */
export function jobName(validator: string, suffix: string): string {
  if (!DNS_LABEL.test(validator)) {
    throw new ContractError(
      'INVALID_REQUEST',
      `invalid validator name ${goQuote(validator)}: must be lowercase alphanumeric or '-', start/end with alphanumeric`,
    );
  }
  const name = `${JOB_NAME_PREFIX}${validator}-${suffix}`;
  if (name.length > MAX_DNS_LABEL) {
    throw new ContractError(
      'INVALID_REQUEST',
      `job name ${goQuote(name)} exceeds 63 characters (length: ${name.length})`,
    );
  }
  return name;
}

export interface JobIdentity {
  runId: string;
  validator: string;
  attempt: number;
}

/**
 * Eight hexadecimal digits for a Job's name. In AICR they are random. Here they are a function of run, validator and
 * attempt, so that a retried deploy finds the Job that it created.
 *
 * The run id already has 64 random bits, so the hash only has to spread its input. MurmurHash3 (32 bits) does: every
 * input bit affects every digit. The separator is NUL, which no part can contain.
 */
export function jobNameSuffix(identity: JobIdentity): string {
  const key = encodeUtf8(`${identity.runId}\0${identity.validator}\0${identity.attempt}`);
  return murmur3(key).toString(16).padStart(SUFFIX_LENGTH, '0');
}

function murmur3(bytes: Uint8Array): number {
  let hash = 0;
  const blocks = bytes.length - (bytes.length % 4);
  for (let i = 0; i < blocks; i += 4) {
    hash ^= mixBlock(word(bytes, i, 4));
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  if (blocks < bytes.length) hash ^= mixBlock(word(bytes, blocks, bytes.length - blocks));
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mixBlock(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

/** Little-endian. */
function word(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = (value << 8) | (bytes[at + i] ?? 0);
  return value;
}
