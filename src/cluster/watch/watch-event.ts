import { type CallName, ClusterError } from '../cluster-error.ts';
import { asStatus, kindOfAnswer, retryAfterMs } from '../transport/kubernetes-status.ts';
import type { WatchReason } from './watch-state.ts';

export interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: T;
}

/** The stream may have skipped changes, so the watch must list again. */
export class BrokenStream extends Error {}

/**
 * Parses a line of a watch.
 * @throws ClusterError of kind `expired` for an ERROR event with that meaning; BrokenStream for any other ERROR event
 * and for an invalid line.
 */
export function parseWatchEvent<T>(line: string, cluster: string, call: CallName): WatchEvent<T> {
  let event: { type?: string; object?: { metadata?: unknown } } | null;
  try {
    event = JSON.parse(line) as typeof event;
  } catch {
    throw new BrokenStream('the watch sent a line that is not JSON');
  }
  if (event?.type === 'ERROR') throw errorOf(event.object, cluster, call);
  if (event?.object?.metadata !== undefined) return event as WatchEvent<T>;
  throw new BrokenStream('the watch sent a line that is not a watch event');
}

/**
 * Why a watch fails with this error. After `expired` and `broken` the watch must list again. A version that the server
 * refuses, or has not reached yet (an etcd restored from a backup), counts as expired.
 */
export function failureReason(error: unknown): WatchReason {
  if (error instanceof BrokenStream) return 'broken';
  if (!(error instanceof ClusterError)) return 'failed';
  const tooLarge = error.status?.details?.causes?.some(({ reason }) => reason === 'ResourceVersionTooLarge') === true;
  return tooLarge || error.kind === 'expired' || error.kind === 'invalid' ? 'expired' : 'failed';
}

function errorOf(object: unknown, cluster: string, call: CallName): Error {
  const status = asStatus(object);
  const detail = status?.message ?? 'the watch ended with an error event';
  const kind = kindOfAnswer(status?.code ?? 500, status);
  if (kind !== 'expired') return new BrokenStream(detail);
  return new ClusterError(kind, cluster, call, detail, { status, retryAfterMs: retryAfterMs(undefined, status) });
}
