import type { CallName } from '../cluster-error.ts';
import type { Repeat } from './with-retries.ts';

/** One request to the API server, before the cluster's address and credentials are added. */
export interface ApiRequest {
  call: CallName;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | undefined>;
  body?: unknown;
  contentType?: string;
  signal?: AbortSignal | undefined;
  /** @default `always` for a GET, `if-safe` for any other method */
  repeat?: Repeat;
}

/** A request whose body is read while it arrives. */
export interface StreamRequest extends ApiRequest {
  /** The longest pause between two chunks of the body. Milliseconds. */
  silenceMs: number;
  /**
   * Which connection the stream uses.
   * - `dedicated`: its own. Only the shared watches do.
   * - `urgent`, `patient`: one of the calls' connections, which streams use one after another, urgent ones first.
   */
  lane: 'dedicated' | 'urgent' | 'patient';
}
