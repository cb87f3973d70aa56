import { sleep } from './abortable.ts';
import type { ClusterApi } from './api.ts';
import { ClusterError, isKind, isTransient } from './cluster-error.ts';
import { LogDelivery } from './log-delivery.ts';
import { PODS, resourceName, resourcePath } from './resources.ts';

export interface LogRef {
  namespace: string;
  pod: string;
  container: string;
  /** When the container started, for {@link LogRead.startMissing}. RFC 3339. */
  startedAt?: string | undefined;
}

export interface LogRead {
  bytes: number;
  /**
   * Whether the log's start is probably missing. The kubelet serves only the latest file of a log (10 MiB by default),
   * and the API does not tell whether there are earlier ones. A log counts as incomplete if it is large and its first
   * line is much younger than its container.
   */
  startMissing: boolean;
}

export interface LogTiming {
  /** The longest silence of the stream; the container has ended, so the kubelet has the whole log. Milliseconds. */
  silenceMs: number;
  /** How many tries in a row may deliver nothing new. */
  tries: number;
  backoffMs: number;
}

const TIMING: LogTiming = { silenceMs: 10_000, tries: 4, backoffMs: 250 };
/** A log of this size was probably rotated if its first line is this much younger than its container. */
const SUSPECT = { bytes: 1024 * 1024, lateMs: 10_000 };
/** Enough for a timestamp and a space. */
const STAMP_BYTES = 40;

/**
 * Reads the log of a container that has ended, from its start, and passes it to `take` in chunks. A validator may have
 * written gigabytes, so the log is never held as a whole. If the stream breaks, the log is read again from its start
 * and what was delivered is skipped: the container has ended, so its log does not change. client-node's `Log.follow` is
 * not used: aborting it crashes the process with an uncaught AbortError.
 * @throws ClusterError; `conflict` if the log was rotated while it was being read, so that only a new call can succeed.
 */
export async function readLog(
  api: ClusterApi,
  ref: LogRef,
  take: (chunk: Uint8Array) => void,
  signal: AbortSignal,
  timing: Partial<LogTiming> = {},
): Promise<LogRead> {
  const { tries, backoffMs, silenceMs } = { ...TIMING, ...timing };
  const log = new LogDelivery(take);
  for (let failures = 0; ; ) {
    const before = log.delivered;
    try {
      await readOnce(api, ref, log, silenceMs, signal);
      // If the API server loses its connection to the kubelet, it ends the answer as if the log were complete, but in
      // the middle of a line.
      if (log.endsALine || log.delivered === before || ++failures >= tries) break;
    } catch (error) {
      if (!isTransient(error)) throw error;
      failures = log.delivered > before ? 1 : failures + 1;
      if (failures >= tries) throw error;
    }
    await sleep(backoffMs * failures * (0.5 + Math.random()), signal);
  }
  const bytes = log.delivered;
  return { bytes, startMissing: bytes >= SUSPECT.bytes && (await startsLate(api, ref, signal)) };
}

async function readOnce(
  api: ClusterApi,
  ref: LogRef,
  log: LogDelivery,
  silenceMs: number,
  signal: AbortSignal,
): Promise<void> {
  const call = callOf(ref);
  const { cluster } = api.connection;
  log.rewind();
  const body = await open(api, ref, { silenceMs, signal });
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      if (!log.push(chunk)) {
        throw new ClusterError('conflict', cluster, call, 'the log was rotated while it was being read');
      }
    }
  } catch (error) {
    // An error of `take` is not a network error.
    if (error instanceof ClusterError || error === log.takeError) throw error;
    throw api.connection.streamError({ call, signal }, error);
  }
  if (log.isBehind) {
    throw new ClusterError(
      'unreachable',
      cluster,
      call,
      'the log ended before the position that an earlier read had reached',
    );
  }
}

function open(
  api: ClusterApi,
  ref: LogRef,
  { silenceMs, signal, ...query }: { silenceMs: number; signal: AbortSignal; timestamps?: string; limitBytes?: string },
) {
  return api.connection.stream({
    call: callOf(ref),
    method: 'GET',
    path: `${resourcePath(PODS, ref.namespace, ref.pod)}/log`,
    query: { container: ref.container, ...query },
    silenceMs,
    lane: 'urgent',
    signal,
  });
}

function callOf({ namespace, pod }: LogRef) {
  return { verb: 'get', resource: `${resourceName(PODS)}/log`, namespace, name: pod };
}

/** Whether the first line is so much younger than its container that earlier lines are missing. Costs a small call. */
async function startsLate(api: ClusterApi, ref: LogRef, signal: AbortSignal): Promise<boolean> {
  if (ref.startedAt === undefined) return false;
  try {
    let head = '';
    const query = { timestamps: 'true', limitBytes: String(STAMP_BYTES), silenceMs: TIMING.silenceMs, signal };
    for await (const chunk of (await open(api, ref, query)) as AsyncIterable<Uint8Array>) {
      head += Buffer.from(chunk).toString('latin1');
    }
    return Date.parse(head.split(' ')[0] ?? '') - Date.parse(ref.startedAt) > SUSPECT.lateMs;
  } catch (error) {
    if (isKind(error, 'unreachable', 'timeout', 'server-error', 'too-many-requests', 'not-found')) return false;
    throw error;
  }
}
