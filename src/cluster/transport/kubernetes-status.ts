import type { ClusterErrorKind, Status } from '../cluster-error.ts';
import { readJson } from './body.ts';

const MAX_STATUS_BYTES = 256 * 1024;
/** The Status of an invalid Job quotes its template and environment; the start and the end say what is wrong. */
const MAX_MESSAGE = { head: 600, tail: 200 };
const MAX_CAUSES = 10;
/** A server must not make Proctor wait for hours. */
const MAX_RETRY_AFTER_MS = 60_000;

const KIND_OF_REASON: Record<string, ClusterErrorKind> = {
  AlreadyExists: 'already-exists',
  Expired: 'expired',
  Gone: 'expired',
  Invalid: 'invalid',
  Timeout: 'timeout',
  ServerTimeout: 'timeout',
  TooManyRequests: 'too-many-requests',
  InternalError: 'server-error',
  ServiceUnavailable: 'server-error',
};

const KIND_OF_CODE: Record<number, ClusterErrorKind> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'invalid',
  409: 'conflict',
  410: 'expired',
  413: 'invalid',
  415: 'invalid',
  422: 'invalid',
  429: 'too-many-requests',
  500: 'server-error',
  502: 'server-error',
  503: 'server-error',
  504: 'timeout',
};

/** Classifies an answer that is not 2xx, by the Status's reason if it is known, otherwise by the HTTP code. */
export function kindOfAnswer(code: number, status: Status | undefined): ClusterErrorKind {
  const byReason = status?.reason === undefined ? undefined : KIND_OF_REASON[status.reason];
  return byReason ?? KIND_OF_CODE[code] ?? 'unexpected';
}

/** Reads the Status in the body of an error. Returns undefined for any other body, such as a proxy's error page. */
export async function readStatus(body: AsyncIterable<Uint8Array>): Promise<Status | undefined> {
  try {
    return asStatus(await readJson(body, MAX_STATUS_BYTES));
  } catch {
    return undefined;
  }
}

/** The {@link Status} that a value contains, with shortened texts; undefined for any other value. */
export function asStatus(value: unknown): Status | undefined {
  if (!isRecord(value) || value.kind !== 'Status') return undefined;
  const details = isRecord(value.details) ? value.details : {};
  const causes = Array.isArray(details.causes) ? details.causes.filter(isRecord).slice(0, MAX_CAUSES) : [];
  return {
    ...(typeof value.code === 'number' ? { code: value.code } : {}),
    ...texts(value, 'reason', 'message'),
    details: {
      ...(typeof details.retryAfterSeconds === 'number' ? { retryAfterSeconds: details.retryAfterSeconds } : {}),
      causes: causes.map((cause) => texts(cause, 'reason', 'message', 'field')),
    },
  };
}

/** How long the server asked clients to wait, by its Retry-After header or else its Status. Milliseconds. */
export function retryAfterMs(header: unknown, status: Status | undefined, now = Date.now()): number | undefined {
  const seconds = status?.details?.retryAfterSeconds;
  const asked = headerMs(header, now) ?? (seconds === undefined || seconds <= 0 ? undefined : seconds * 1000);
  return asked === undefined ? undefined : Math.min(asked, MAX_RETRY_AFTER_MS);
}

/** Shortens a text to its beginning and end. */
export function bounded(text: string, { head, tail } = MAX_MESSAGE): string {
  if (text.length <= head + tail) return text;
  return `${text.slice(0, head)} [… ${text.length - head - tail} characters …] ${tail === 0 ? '' : text.slice(-tail)}`;
}

function headerMs(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function texts<K extends string>(from: Record<string, unknown>, ...keys: K[]): Partial<Record<K, string>> {
  const found: Partial<Record<K, string>> = {};
  for (const key of keys) {
    const value = from[key];
    if (typeof value === 'string') found[key] = bounded(value);
  }
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
