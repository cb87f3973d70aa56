import { createHash } from 'node:crypto';
import { sleep } from './abortable.ts';
import type { ClusterApi } from './api.ts';
import { ClusterError, isKind, mayPass } from './cluster-error.ts';
import { PODS, resourceName, resourcePath } from './resources.ts';

export interface LogRef {
  namespace: string;
  pod: string;
  container: string;
  /** When the container began, for {@link LogRead.startMissing}. RFC 3339. */
  startedAt?: string | undefined;
}

export interface LogRead {
  bytes: number;
  /**
   * The log's start is most likely gone: the kubelet shows only the file it wrote last (10 MiB by default), and the API does not say when it
   * hides others. Told from a large log whose first line is much younger than its container; a smaller one is never suspected.
   */
  startMissing: boolean;
}

export interface LogTiming {
  /** How long the log may be silent. The container has ended, so the kubelet has all of it at hand. */
  silenceMs: number;
  /** How often it is taken up again without a single byte of progress. */
  tries: number;
  backoffMs: number;
}

const TIMING: LogTiming = { silenceMs: 10_000, tries: 4, backoffMs: 250 };
const NEWLINE = 0x0a;
/** What identifies a log, to tell after a cut that it is still the same one. */
const HEAD_BYTES = 4096;
/** A rotated log is suspected from this size on, and when its first line came this long after its container. */
const SUSPECT = { bytes: 1024 * 1024, lateMs: 10_000 };
/** A timestamp and its blank. */
const STAMP_BYTES = 40;

/**
 * Reads a container's log from its start, chunk by chunk, never held whole: a validator may have printed gigabytes. After a cut it is read
 * again from the start and what has been delivered is skipped: the container has ended, so its log does not change.
 * client-node's `Log.follow` is not used: aborting it kills the process with an uncaught AbortError.
 * @throws ClusterError; `conflict` when the log was rotated away while it was read, so that only reading it anew can help.
 */
export async function readLog(
  api: ClusterApi,
  ref: LogRef,
  take: (chunk: Uint8Array) => void,
  signal: AbortSignal,
  timing: Partial<LogTiming> = {},
): Promise<LogRead> {
  const { tries, backoffMs, silenceMs } = { ...TIMING, ...timing };
  const log = new Delivery(take);
  for (let failures = 0; ; ) {
    const before = log.delivered;
    try {
      await readOnce(api, ref, log, silenceMs, signal);
      // An API server that lost the kubelet in the middle ends the answer as if it were whole; lines always end.
      if (log.endsALine || log.delivered === before || ++failures >= tries) break;
    } catch (error) {
      if (!mayPass(error)) throw error;
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
  log: Delivery,
  silenceMs: number,
  signal: AbortSignal,
): Promise<void> {
  const call = callOf(ref);
  log.rewind();
  const body = await open(api, ref, { silenceMs, signal });
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      if (!log.push(chunk)) {
        throw new ClusterError('conflict', api.connection.cluster, call, 'the log was rotated while it was being read');
      }
    }
  } catch (error) {
    // The taker's own fault is no trouble of the network's.
    if (error instanceof ClusterError || error === log.fault) throw error;
    throw api.connection.streamError({ call, signal }, error);
  }
  if (log.behind)
    throw new ClusterError(
      'unreachable',
      api.connection.cluster,
      call,
      'the log ended before the place it had reached',
    );
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

/** Whether the first line is so much younger than its container that others were before it. One small call, for large logs only. */
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

/** Hands a log over once, however often it is read from its start. */
class Delivery {
  readonly #take: (chunk: Uint8Array) => void;
  readonly #head = createHash('sha256');
  #headBytes = 0;
  #headOfThisRead: ReturnType<typeof createHash> | undefined;
  #at = 0;
  delivered = 0;
  endsALine = true;
  /** What the taker threw. */
  fault: unknown;

  constructor(take: (chunk: Uint8Array) => void) {
    this.#take = take;
  }

  rewind(): void {
    this.#at = 0;
    this.#headOfThisRead = this.delivered > 0 ? createHash('sha256') : undefined;
  }

  get behind(): boolean {
    return this.#at < this.delivered;
  }

  /** @returns false when this is another log than the one whose start was delivered. */
  push(chunk: Uint8Array): boolean {
    if (!this.#sameHead(chunk)) return false;
    const fresh = chunk.subarray(Math.min(chunk.length, Math.max(0, this.delivered - this.#at)));
    this.#at += chunk.length;
    if (fresh.length === 0) return true;
    const room = HEAD_BYTES - this.#headBytes;
    if (room > 0) {
      this.#head.update(fresh.subarray(0, room));
      this.#headBytes += Math.min(room, fresh.length);
    }
    this.delivered += fresh.length;
    this.endsALine = fresh.at(-1) === NEWLINE;
    try {
      this.#take(fresh);
    } catch (error) {
      this.fault = error;
      throw error;
    }
    return true;
  }

  /** Compares the part of the start that was delivered, as soon as it has come again. */
  #sameHead(chunk: Uint8Array): boolean {
    if (this.#headOfThisRead === undefined) return true;
    this.#headOfThisRead.update(chunk.subarray(0, Math.max(0, this.#headBytes - this.#at)));
    if (this.#at + chunk.length < this.#headBytes) return true;
    const same = this.#headOfThisRead.digest('hex') === this.#head.copy().digest('hex');
    this.#headOfThisRead = undefined;
    return same;
  }
}
