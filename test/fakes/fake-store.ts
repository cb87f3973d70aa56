import type { ServerResponse } from 'node:http';
import type { KubernetesObject } from '../../src/kubernetes/types.ts';
import { type Answer, FakeApiServer, type ReceivedRequest, status } from './fake-api-server.ts';

interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  plural: string;
  version: number;
  object: KubernetesObject;
}

interface Watcher {
  plural: string;
  /** Undefined for all namespaces. */
  namespace: string | undefined;
  response: ServerResponse;
}

/**
 * Objects behind a {@link FakeApiServer}, which lists them in pages and watches them from a version as an API server
 * does.
 */
export class FakeStore {
  readonly server: FakeApiServer;
  /** Watches that are open now. */
  readonly watchers = new Set<Watcher>();
  readonly #objects = new Map<string, { plural: string; object: KubernetesObject }>();
  readonly #changes: Change[] = [];
  #version = 10;
  #oldest = 0;
  #pageSize = Number.POSITIVE_INFINITY;
  #uids = 0;

  private constructor(server: FakeApiServer) {
    this.server = server;
    server.answer((request, response) => this.#answer(request, response));
  }

  static async start(...tls: Parameters<typeof FakeApiServer.start>): Promise<FakeStore> {
    return new FakeStore(await FakeApiServer.start(...tls));
  }

  get version(): string {
    return String(this.#version);
  }

  /** Creates or changes an object. A new object gets a UID if it has none. */
  put<T extends KubernetesObject>(plural: string, object: T): T {
    const key = keyOf(plural, object);
    const known = this.#objects.get(key)?.object;
    const uid = object.metadata.uid ?? known?.metadata.uid ?? `uid-${++this.#uids}`;
    const resourceVersion = String(++this.#version);
    const stored = { ...object, metadata: { ...object.metadata, uid, resourceVersion } };
    this.#objects.set(key, { plural, object: stored });
    this.#publish({ type: known === undefined ? 'ADDED' : 'MODIFIED', plural, version: this.#version, object: stored });
    return stored;
  }

  remove(plural: string, name: string, namespace?: string): void {
    const key = keyOf(plural, { metadata: { name, ...(namespace !== undefined && { namespace }) } });
    const found = this.#objects.get(key);
    if (found === undefined) throw new Error(`${plural} ${name} is not there`);
    this.#objects.delete(key);
    const version = ++this.#version;
    const object = { ...found.object, metadata: { ...found.object.metadata, resourceVersion: String(version) } };
    this.#publish({ type: 'DELETED', plural, version, object });
  }

  /** Forgets all earlier changes: a watch from an older version receives 410. */
  compact(): void {
    this.#oldest = this.#version;
  }

  pagesOf(size: number): void {
    this.#pageSize = size;
  }

  bookmark(): void {
    for (const { response } of this.watchers) {
      send(response, { type: 'BOOKMARK', object: { metadata: { resourceVersion: this.version } } });
    }
  }

  /** Sends text to every watch unchanged. */
  raw(text: string | Buffer): void {
    for (const { response } of this.watchers) response.write(text);
  }

  /** Ends every watch as a server does regularly. */
  endWatches(): void {
    for (const { response } of this.watchers) response.end();
    this.watchers.clear();
  }

  /** How often a resource was listed from the start. */
  lists(plural: string): number {
    return this.#requestsFor(plural).filter(({ query }) => !query.has('watch') && !query.has('continue')).length;
  }

  watches(plural: string): URLSearchParams[] {
    return this.#requestsFor(plural).flatMap(({ query }) => (query.has('watch') ? [query] : []));
  }

  watching(plural: string): number {
    return [...this.watchers].filter((watcher) => watcher.plural === plural).length;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  #requestsFor(plural: string): ReceivedRequest[] {
    return this.server.requests.filter(({ method, path }) => method === 'GET' && path.endsWith(`/${plural}`));
  }

  #answer(request: ReceivedRequest, response: ServerResponse): unknown {
    const plural = request.path.split('/').at(-1) ?? '';
    if (request.method !== 'GET' || !/^(jobs|pods|configmaps)$/.test(plural)) return undefined;
    return request.query.has('watch') ? this.#watch(plural, request, response) : this.#list(plural, request, response);
  }

  #list(plural: string, request: ReceivedRequest, response: ServerResponse): unknown {
    const { query } = request;
    const scope = { plural, namespace: namespaceOf(request) };
    const all = [...this.#objects.values()].filter((entry) => isIn(scope, entry)).map(({ object }) => object);
    const [version = this.version, from = '0'] = query.get('continue')?.split('/') ?? [];
    const size = query.has('limit') ? this.#pageSize : Number.POSITIVE_INFINITY;
    const items = all.slice(Number(from), Number(from) + size);
    const more = Number(from) + size < all.length ? { continue: `${version}/${Number(from) + size}` } : {};
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify({ metadata: { resourceVersion: version, ...more }, items }));
  }

  #watch(plural: string, request: ReceivedRequest, response: ServerResponse): unknown {
    const from = Number(request.query.get('resourceVersion'));
    if (from < this.#oldest) return expired(request, response);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const watcher = { plural, namespace: namespaceOf(request), response };
    this.watchers.add(watcher);
    response.on('close', () => this.watchers.delete(watcher));
    for (const change of this.#changes) {
      if (isIn(watcher, change) && change.version > from) send(response, { type: change.type, object: change.object });
    }
    return true;
  }

  #publish(change: Change): void {
    this.#changes.push(change);
    for (const watcher of this.watchers) {
      if (isIn(watcher, change)) send(watcher.response, { type: change.type, object: change.object });
    }
  }
}

function keyOf(plural: string, { metadata }: Pick<KubernetesObject, 'metadata'>): string {
  return `${plural}/${metadata.namespace ?? ''}/${metadata.name}`;
}

function namespaceOf({ path }: ReceivedRequest): string | undefined {
  return /\/namespaces\/([^/]+)\//.exec(path)?.[1];
}

/** An object without a namespace counts as being in every namespace, since most tests have only one. */
function isIn(
  { plural, namespace }: Pick<Watcher, 'plural' | 'namespace'>,
  of: { plural: string; object: KubernetesObject },
): boolean {
  const { namespace: own } = of.object.metadata;
  return plural === of.plural && (namespace === undefined || own === undefined || namespace === own);
}

export const expired: Answer = status(410, 'Expired', 'too old resource version');

function send(response: ServerResponse, event: unknown): void {
  response.write(`${JSON.stringify(event)}\n`);
}
