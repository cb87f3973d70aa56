import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node';
import { messageOf } from '../../run/error-message.ts';
import { ClusterError } from '../cluster-error.ts';
import { bounded } from '../transport/kubernetes-status.ts';
import { proxyFor } from '../transport/proxy.ts';
import { type ExecConfig, ExecCredential, type ExecResult } from './exec-credential.ts';
import type { KubeConfigSource } from './kubeconfig.ts';

/** How to reach the API server, according to the kubeconfig, the files that it names, and its exec plugin. */
export interface Access {
  server: URL;
  proxy: string | undefined;
  tls: { ca?: unknown; cert?: unknown; key?: unknown; servername?: string; rejectUnauthorized?: boolean };
  headers: Record<string, string>;
  /** A fingerprint of everything that determines where a connection leads and how it is secured. */
  route: string;
  /** A fingerprint of {@link route} and {@link headers}. */
  id: string;
}

/** client-node reads the CA and certificate files for each call; here they are read again after this time. */
const ACCESS_TTL_MS = 5_000;
/** The shortest time between two reads that are caused by refusals. */
const DISCARD_INTERVAL_MS = 1_000;

/**
 * A cluster's credentials. Parallel callers share one read. The credentials are read again after 5 s, or at once if the
 * server refuses them.
 */
export class Credentials {
  readonly #cluster: string;
  readonly #source: KubeConfigSource;
  readonly #env: NodeJS.ProcessEnv;
  /** A copy of the source's kubeconfig without its exec plugin, which `ExecCredential` runs instead of client-node. */
  #config: { source: KubeConfig; withoutExec: KubeConfig } | undefined;
  #exec: { source: KubeConfig; plugin: ExecCredential | undefined } | undefined;
  #reading: { at: number; value: Promise<Access> } | undefined;
  #last: Access | undefined;
  #discardedAt = Number.NEGATIVE_INFINITY;

  constructor(cluster: string, source: KubeConfigSource, env: NodeJS.ProcessEnv) {
    this.#cluster = cluster;
    this.#source = source;
    this.#env = env;
  }

  /** The API server's address, for people. */
  get server(): URL {
    return new URL(this.#currentCluster(this.#source()).server);
  }

  current(): Promise<Access> {
    const now = performance.now();
    if (this.#reading === undefined || now - this.#reading.at > ACCESS_TTL_MS) {
      this.#reading = { at: now, value: this.#readOrLast() };
      this.#reading.value.catch(() => {
        this.#reading = undefined;
      });
    }
    return this.#reading.value;
  }

  /**
   * Discards credentials that the server refused, unless others were discarded less than a second ago.
   * @returns whether the call should be retried with newer credentials.
   */
  renewAfterRefusal(access: Access): boolean {
    if (this.#last?.id !== access.id) return true;
    const now = performance.now();
    if (now - this.#discardedAt < DISCARD_INTERVAL_MS) return false;
    this.#discardedAt = now;
    this.#reading = undefined;
    this.#last = undefined;
    // client-node caches tokens in its KubeConfig, so a new KubeConfig reads them again.
    this.#config = undefined;
    this.#exec?.plugin?.drop();
    return true;
  }

  close(): void {
    this.#exec?.plugin?.close();
  }

  /** Reads the credentials. If that fails (a file is just being replaced), the last ones are used. */
  async #readOrLast(): Promise<Access> {
    try {
      this.#last = await this.#read();
      return this.#last;
    } catch (error) {
      if (this.#last !== undefined) return this.#last;
      if (error instanceof ClusterError) throw error;
      const detail = bounded(messageOf(error));
      throw new ClusterError(
        'configuration',
        this.#cluster,
        { verb: 'read', resource: "the kubeconfig's credentials" },
        detail,
      );
    }
  }

  async #read(): Promise<Access> {
    const config = this.#configWithoutExec();
    const { server, proxyUrl } = this.#currentCluster(config);
    const options: RequestOptions & { auth?: string | undefined } = {};
    await config.applyToHTTPSOptions(options);
    const plugin = await this.#exec?.plugin?.current();
    const { ca, cert, key, servername, rejectUnauthorized } = options;
    const tls = {
      ca,
      cert: plugin?.cert ?? cert,
      key: plugin?.key ?? key,
      ...(servername === undefined ? {} : { servername }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    };
    const url = new URL(server);
    const proxy = proxyFor(url, proxyUrl, this.#env);
    const headers = headersOf(options, plugin);
    const route = fingerprint([url.href, proxy, tls]);
    return { server: url, proxy, tls, headers, route, id: fingerprint([route, headers]) };
  }

  #configWithoutExec(): KubeConfig {
    const source = this.#source();
    if (this.#config?.source === source) return this.#config.withoutExec;
    const config = new KubeConfig();
    const current = source.getCurrentUser();
    const exec = execOf(current);
    const users = source.users.map((user) => (exec !== undefined && user === current ? withoutExec(user) : user));
    config.loadFromOptions({
      clusters: source.clusters,
      contexts: source.contexts,
      users,
      currentContext: source.getCurrentContext(),
    });
    if (this.#exec?.source !== source) this.#setExec(exec, source);
    this.#config = { source, withoutExec: config };
    return config;
  }

  #setExec(exec: ExecConfig | undefined, source: KubeConfig): void {
    this.#exec?.plugin?.close();
    const info = clusterInfo(this.#currentCluster(source));
    const plugin = exec === undefined ? undefined : new ExecCredential(this.#cluster, exec, info);
    this.#exec = { source, plugin };
  }

  #currentCluster(config: KubeConfig): Cluster {
    const current = config.getCurrentCluster();
    if (current !== null) return current;
    const call = { verb: 'reach', resource: 'the API server' };
    throw new ClusterError('configuration', this.#cluster, call, 'the kubeconfig has no current context');
  }
}

function execOf(user: User | null): ExecConfig | undefined {
  const provider: { config?: { exec?: ExecConfig } } | undefined = user?.authProvider;
  const exec: ExecConfig | undefined = user?.exec ?? provider?.config?.exec;
  return exec?.command === undefined ? undefined : exec;
}

function withoutExec(user: User): User {
  const { exec: _exec, authProvider: _authProvider, ...rest } = user;
  return rest;
}

/** The cluster as KUBERNETES_EXEC_INFO describes it to a plugin with `provideClusterInfo`. */
function clusterInfo({ server, caData, tlsServerName, proxyUrl, skipTLSVerify }: Cluster): Record<string, unknown> {
  return {
    server,
    'certificate-authority-data': caData,
    'tls-server-name': tlsServerName,
    'proxy-url': proxyUrl,
    'insecure-skip-tls-verify': skipTLSVerify,
  };
}

function headersOf(
  options: RequestOptions & { auth?: string | undefined },
  plugin: ExecResult | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {};
  // Token files end with a newline, which a header must not contain.
  for (const [key, value] of Object.entries(options.headers ?? {})) headers[key.toLowerCase()] = String(value).trim();
  if (plugin?.token !== undefined) headers.authorization = `Bearer ${plugin.token}`;
  else if (options.auth !== undefined && options.auth !== null) {
    headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return headers;
}

function fingerprint(value: unknown): string {
  const text = JSON.stringify(value, (_key, part: unknown) => (Buffer.isBuffer(part) ? part.toString('base64') : part));
  return createHash('sha256').update(text).digest('base64');
}
