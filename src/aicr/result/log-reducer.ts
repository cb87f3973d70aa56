/**
 * Reduces a container's log to the part that a report keeps (AICR's `GetPodLogs` and `processValidatorLogs`;
 * docs/contract.md, section 8):
 * - Sentinels of the whole log are parsed and removed. The last valid one of each kind wins.
 * - Trailing blank lines are dropped.
 * - The last 1000 lines are kept, each cut at 512 bytes.
 *
 * AICR holds the whole log in memory, and loses all of it if one line has 1 MiB or more. Here the log streams through
 * bounded memory: only the part of a line that may be kept is held, or up to 1 MiB of a sentinel line.
 */
import {
  LOG_SCANNER_BUFFER_SIZE,
  VALIDATOR_MAX_STDOUT_LINE_LENGTH as MAX_LINE,
  VALIDATOR_MAX_STDOUT_LINES as MAX_LINES,
} from '../constants.ts';
import { errorText } from '../contract-error.ts';
import { concat, decodeUtf8, encodeUtf8 } from '../go/utf8.ts';
import type { Warning } from '../warning.ts';
import {
  parseExtra,
  parseProvenance,
  type RuntimeProvenance,
  SENTINEL_PREFIXES,
  type SentinelKind,
} from './sentinels.ts';

export interface LogResult {
  /** Empty for an empty log, and `['']` for a log of blank lines or sentinels only. */
  stdout: string[];
  extra?: Record<string, string>;
  provenance?: RuntimeProvenance;
  warnings: Warning[];
}

export interface LogReducer {
  push(chunk: Uint8Array): void;
  end(): LogResult;
  /** The kept lines as bytes. Bytes that are not UTF-8 stay here, and become U+FFFD in `stdout`. */
  lines(): Uint8Array[];
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Bounds the memory that warnings use if a validator keeps writing invalid sentinels. */
const MAX_WARNINGS = 100;

export function createLogReducer(): LogReducer {
  const line = new Line();
  const tail = new Tail();
  const sentinels = new Sentinels();
  let hasLines = false;

  const finishLine = () => {
    hasLines = true;
    const sentinel = line.sentinel();
    if (sentinel === undefined) tail.push(line.bounded());
    else sentinels.take(sentinel.kind, line.payload(sentinel.bytes.length));
    line.clear();
  };
  const push = (chunk: Uint8Array) => {
    for (let from = 0; from < chunk.length; ) {
      const newline = chunk.indexOf(NEWLINE, from);
      line.append(chunk, from, newline < 0 ? chunk.length : newline);
      if (newline >= 0) finishLine();
      from = newline < 0 ? chunk.length : newline + 1;
    }
  };
  const lines = () => {
    if (line.length > 0) finishLine();
    const kept = tail.lines();
    return hasLines && kept.length === 0 ? [new Uint8Array(0)] : kept;
  };
  const end = () => ({ stdout: lines().map((kept) => decodeUtf8(kept)), ...sentinels.result() });
  return { push, end, lines };
}

/** The line that is being read: its first 512 bytes, or all of it if it is a sentinel. */
class Line {
  #held = new Uint8Array(1024);
  #size = 0;
  #last = 0;
  length = 0;

  append(chunk: Uint8Array, from: number, to: number): void {
    if (to === from) return;
    this.length += to - from;
    this.#last = chunk[to - 1] ?? 0;
    const first = Math.min(to, from + Math.max(0, MAX_LINE - this.#size));
    this.#hold(chunk.subarray(from, first));
    // Every sentinel prefix is shorter than the first 512 bytes, so they show whether the line is a sentinel.
    if (first < to && this.sentinel() !== undefined) this.#hold(chunk.subarray(first, to));
  }

  #hold(part: Uint8Array): void {
    const size = Math.min(this.#size + part.length, LOG_SCANNER_BUFFER_SIZE);
    if (size > this.#held.length) {
      const larger = new Uint8Array(LOG_SCANNER_BUFFER_SIZE);
      larger.set(this.#held.subarray(0, this.#size));
      this.#held = larger;
    }
    this.#held.set(part.subarray(0, size - this.#size), this.#size);
    this.#size = size;
  }

  sentinel(): (typeof SENTINEL_PREFIXES)[number] | undefined {
    return SENTINEL_PREFIXES.find(({ bytes }) => startsWith(this.#held, this.#size, bytes));
  }

  /** The line's length without one trailing carriage return, which belongs to the line break. */
  #content(): number {
    return this.#last === CARRIAGE_RETURN ? this.length - 1 : this.length;
  }

  /** The text after the prefix; undefined if the line was too long to be held. */
  payload(prefix: number): Uint8Array | undefined {
    return this.length < LOG_SCANNER_BUFFER_SIZE ? this.#held.slice(prefix, this.#content()) : undefined;
  }

  bounded(): Uint8Array {
    const length = this.#content();
    if (length <= MAX_LINE) return this.#held.slice(0, length);
    // AICR writes "chars", but counts bytes.
    return concat(this.#held.subarray(0, MAX_LINE), encodeUtf8(`... [truncated ${length - MAX_LINE} chars]`));
  }

  clear(): void {
    this.#size = 0;
    this.#last = 0;
    this.length = 0;
  }
}

/**
 * The last lines of a log. Blank lines are only counted until another line follows, since blank lines at the end of a
 * log are dropped before the last 1000 lines are chosen.
 */
class Tail {
  readonly #ring: Uint8Array[] = [];
  #next = 0;
  #blank = 0;

  push(line: Uint8Array): void {
    if (line.length === 0) {
      this.#blank++;
      return;
    }
    for (let i = Math.min(this.#blank, MAX_LINES); i > 0; i--) this.#put(new Uint8Array(0));
    this.#blank = 0;
    this.#put(line);
  }

  #put(line: Uint8Array): void {
    this.#ring[this.#next] = line;
    this.#next = (this.#next + 1) % MAX_LINES;
  }

  lines(): Uint8Array[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }
}

/**
 * The sentinels so far. Warnings about extra lines come first, since AICR reads those before the provenance lines.
 */
class Sentinels {
  #extra: Record<string, string> | undefined;
  #provenance: RuntimeProvenance | undefined;
  readonly #warnings: Record<SentinelKind, Warning[]> = { extra: [], provenance: [] };

  take(kind: SentinelKind, payload: Uint8Array | undefined): void {
    try {
      if (payload === undefined) throw new Error('the line is 1 MiB or longer');
      if (kind === 'extra') this.#extra = parseExtra(payload) ?? this.#extra;
      else this.#provenance = parseProvenance(payload) ?? this.#provenance;
    } catch (error) {
      if (this.#warnings[kind].length >= MAX_WARNINGS) return;
      const message = `failed to parse validator ${kind} sentinel; dropping`;
      this.#warnings[kind].push({ message, attributes: { error: errorText(error) } });
    }
  }

  result(): Omit<LogResult, 'stdout'> {
    return {
      ...(this.#extra === undefined ? {} : { extra: this.#extra }),
      ...(this.#provenance === undefined ? {} : { provenance: this.#provenance }),
      warnings: [...this.#warnings.extra, ...this.#warnings.provenance],
    };
  }
}

function startsWith(bytes: Uint8Array, size: number, prefix: Uint8Array): boolean {
  return size >= prefix.length && prefix.every((byte, index) => bytes[index] === byte);
}
