import { Agent, type buildConnector, type Dispatcher, ProxyAgent } from 'undici';
import type { Access } from '../credentials/credentials.ts';

/**
 * Connections to one API server, over HTTP/1.1. A call occupies a connection until it is answered, a stream (a watch, a
 * log) until it has been read.
 */
export interface Pools {
  /** Two connections for calls and other streams. `connection.ts` lets streams occupy one of them. */
  calls: Dispatcher;
  /** One connection for each shared watch of Jobs or pods (`watch/shared-watch.ts`). */
  watches: Dispatcher;
}

const CALL_CONNECTIONS = 2;
const CONNECT_TIMEOUT_MS = 5_000;
/** Less than the 90 s after which a Go server closes an idle connection. */
const KEEP_ALIVE_MS = 60_000;

/** Creates a cluster's pools, and replaces them when its address, proxy, CA or client certificate has changed. */
export class PoolKeeper {
  readonly #retired = new Set<Dispatcher>();
  #current: { route: string; pools: Pools } | undefined;
  #replacements = 0;

  /** How often the pools have been replaced. What was read through earlier pools may be outdated. */
  get replacements(): number {
    return this.#replacements;
  }

  for(access: Access): Pools {
    if (this.#current?.route === access.route) return this.#current.pools;
    this.#retire();
    if (this.#current !== undefined) this.#replacements++;
    const pools = { calls: pool(access, CALL_CONNECTIONS), watches: pool(access, null) };
    this.#current = { route: access.route, pools };
    return pools;
  }

  async destroy(): Promise<void> {
    this.#retire();
    this.#current = undefined;
    await Promise.all([...this.#retired].map((dispatcher) => dispatcher.destroy()));
  }

  /** Closes the current pools as soon as they are unused. Open watches end within minutes, then use the new pools. */
  #retire(): void {
    for (const dispatcher of Object.values(this.#current?.pools ?? {}) as Dispatcher[]) {
      this.#retired.add(dispatcher);
      dispatcher.close().then(
        () => this.#retired.delete(dispatcher),
        () => undefined,
      );
    }
  }
}

function pool({ tls, proxy }: Access, connections: number | null): Dispatcher {
  const connect = { ...tls, timeout: CONNECT_TIMEOUT_MS, keepAliveInitialDelay: 15_000 } as buildConnector.BuildOptions;
  // HTTP/2, undici's default, crashes the process: an idle session with an aborted stream emits an error for which no
  // listener can be registered ("socket idle timeout", undici 8.12.4, seen 30 s after a watch was stopped).
  const options = { connections, pipelining: 1, allowH2: false, keepAliveTimeout: KEEP_ALIVE_MS };
  if (proxy === undefined) return new Agent({ ...options, connect });
  return new ProxyAgent({ ...options, uri: proxy, requestTls: connect });
}
