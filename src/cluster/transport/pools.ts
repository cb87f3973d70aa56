import { Agent, type buildConnector, type Dispatcher, ProxyAgent } from 'undici';
import type { Access } from '../credentials/credentials.ts';

/**
 * Connections to one API server, over HTTP/1.1: a call holds one while it is answered, a stream (a watch, a log) for as long as it is
 * read. The two shared watches have one each, in each namespace where the worker may not watch the whole cluster; everything else shares two, of
 * which streams may hold one at a time.
 */
export interface Pools {
  calls: Dispatcher;
  watches: Dispatcher;
}

const CALL_CONNECTIONS = 2;
const CONNECT_TIMEOUT_MS = 5_000;
/** Under the 90 s after which a Go server drops an idle connection. */
const KEEP_ALIVE_MS = 60_000;

/** The pools of a cluster; made anew when its address, proxy, CA or client certificate has changed. */
export class PoolKeeper {
  readonly #retired = new Set<Dispatcher>();
  #current: { route: string; pools: Pools } | undefined;
  #generation = 0;

  /** How often the pools have been made anew: what was learnt over the old ones (which cluster this is) may be wrong now. */
  get generation(): number {
    return this.#generation;
  }

  for(access: Access): Pools {
    if (this.#current?.route === access.route) return this.#current.pools;
    this.#retire();
    if (this.#current !== undefined) this.#generation++;
    const pools = { calls: pool(access, CALL_CONNECTIONS), watches: pool(access, null) };
    this.#current = { route: access.route, pools };
    return pools;
  }

  async destroy(): Promise<void> {
    this.#retire();
    this.#current = undefined;
    await Promise.all([...this.#retired].map((dispatcher) => dispatcher.destroy()));
  }

  /** Old pools end with their last call: an open watch ends by itself within minutes and goes on over the new ones. */
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
  // HTTP/2, undici's default, kills the process: an idle session with an aborted stream emits an error that nobody can
  // listen for ("socket idle timeout", undici 8.12.4, seen 30 s after a watch was stopped).
  const options = { connections, pipelining: 1, allowH2: false, keepAliveTimeout: KEEP_ALIVE_MS };
  if (proxy === undefined) return new Agent({ ...options, connect });
  return new ProxyAgent({ ...options, uri: proxy, requestTls: connect });
}
