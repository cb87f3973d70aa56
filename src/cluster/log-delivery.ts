import { createHash } from 'node:crypto';

/** How many bytes from its start identify a log when it is read again. */
const HEAD_BYTES = 4096;
const NEWLINE = 0x0a;

/** Delivers each byte of a log once, even if the log is read from its start several times. */
export class LogDelivery {
  readonly #take: (chunk: Uint8Array) => void;
  readonly #head = createHash('sha256');
  #headBytes = 0;
  /** Hash of the current read's start, until it has been compared with {@link #head}. */
  #headOfThisRead: ReturnType<typeof createHash> | undefined;
  /** Bytes of the current read so far. */
  #position = 0;
  delivered = 0;
  endsALine = true;
  /** What `take` threw. */
  takeError: unknown;

  constructor(take: (chunk: Uint8Array) => void) {
    this.#take = take;
  }

  /** To be called before the log is read from its start. */
  rewind(): void {
    this.#position = 0;
    this.#headOfThisRead = this.delivered > 0 ? createHash('sha256') : undefined;
  }

  /** Whether the current read has not yet reached what was delivered before. */
  get isBehind(): boolean {
    return this.#position < this.delivered;
  }

  /** @returns false if the log is not the one that was delivered so far. */
  push(chunk: Uint8Array): boolean {
    if (!this.#hasSameHead(chunk)) return false;
    const fresh = chunk.subarray(Math.min(chunk.length, Math.max(0, this.delivered - this.#position)));
    this.#position += chunk.length;
    if (fresh.length === 0) return true;
    const headLeft = HEAD_BYTES - this.#headBytes;
    if (headLeft > 0) {
      this.#head.update(fresh.subarray(0, headLeft));
      this.#headBytes += Math.min(headLeft, fresh.length);
    }
    this.delivered += fresh.length;
    this.endsALine = fresh.at(-1) === NEWLINE;
    try {
      this.#take(fresh);
    } catch (error) {
      this.takeError = error;
      throw error;
    }
    return true;
  }

  /** Compares the start of this read with the start of what was delivered, once as many bytes have arrived. */
  #hasSameHead(chunk: Uint8Array): boolean {
    if (this.#headOfThisRead === undefined) return true;
    this.#headOfThisRead.update(chunk.subarray(0, Math.max(0, this.#headBytes - this.#position)));
    if (this.#position + chunk.length < this.#headBytes) return true;
    const same = this.#headOfThisRead.digest('hex') === this.#head.copy().digest('hex');
    this.#headOfThisRead = undefined;
    return same;
  }
}
