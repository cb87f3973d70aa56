import { spawn } from 'node:child_process';
import { ClusterError } from '../cluster-error.ts';
import { bounded } from '../transport/kubernetes-status.ts';

/** A user's `exec` in a kubeconfig, as it is written there. */
export interface ExecConfig {
  apiVersion?: string;
  command: string;
  args?: string[] | null;
  env?: { name: string; value: string }[] | null;
  provideClusterInfo?: boolean;
}

export interface ExecResult {
  token?: string;
  cert?: string;
  key?: string;
  /** Undefined for credentials that say nothing about their end: they are used until the server refuses them. */
  expiresAt: number | undefined;
}

const TIME_LIMIT_MS = 60_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** New credentials are asked for this long before the old ones end, or at a fifth of their life if that is shorter. */
const EARLY_MS = 60_000;

/**
 * The credentials of an exec plugin: run once for all who ask at once, and again in the background before what it gave has expired.
 * client-node starts one process for each parallel call, and none before the old token has stopped working.
 */
export class ExecCredential {
  readonly #cluster: string;
  readonly #exec: ExecConfig;
  readonly #info: Record<string, unknown>;
  readonly #stop = new AbortController();
  #held: { result: ExecResult; renewAt: number } | undefined;
  #running: Promise<ExecResult> | undefined;

  /** @param info what the plugin is told about the cluster, if its kubeconfig says that it wants to know. */
  constructor(cluster: string, exec: ExecConfig, info: Record<string, unknown>) {
    this.#cluster = cluster;
    this.#exec = exec;
    this.#info = info;
  }

  async current(): Promise<ExecResult> {
    const now = Date.now();
    const held = this.#held;
    if (held === undefined || (held.result.expiresAt ?? Number.POSITIVE_INFINITY) <= now) return this.#renew();
    // Still good: nobody waits for the new one, and a plugin that fails now is asked again by the next caller.
    if (held.renewAt <= now) this.#renew().catch(() => undefined);
    return held.result;
  }

  /** The server refused it, whatever its expiry says. */
  drop(): void {
    this.#held = undefined;
  }

  close(): void {
    this.#stop.abort(new Error('the connection was closed'));
  }

  #renew(): Promise<ExecResult> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<ExecResult> {
    const startedAt = Date.now();
    const result = this.#parse(await this.#output());
    const life = (result.expiresAt ?? Number.POSITIVE_INFINITY) - startedAt;
    this.#held = { result, renewAt: startedAt + life - Math.min(EARLY_MS, life / 5) };
    return result;
  }

  #output(): Promise<string> {
    const { command, args, env, apiVersion, provideClusterInfo } = this.#exec;
    const info = {
      apiVersion: apiVersion ?? 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false, ...(provideClusterInfo === true ? { cluster: this.#info } : {}) },
    };
    const more = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
    const child = spawn(command, args ?? [], {
      env: { ...process.env, ...more, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIME_LIMIT_MS,
      signal: this.#stop.signal,
    });
    let out = '';
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.length > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-1000);
    });
    return new Promise((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(this.#error(`it cannot be run (${error.code ?? error.name})`)),
      );
      child.once('close', (code, signal) => {
        if (code === 0) resolve(out);
        else reject(this.#error(`it ended with ${signal ?? `exit code ${code}`}: ${bounded(said.trim())}`));
      });
    });
  }

  #parse(output: string): ExecResult {
    let status: Record<string, unknown> | undefined;
    try {
      status = (JSON.parse(output) as { status?: Record<string, unknown> }).status;
    } catch {
      // The parser's message would quote the output, and that holds the token.
      throw this.#error('it did not print JSON');
    }
    const text = (key: string) => (typeof status?.[key] === 'string' ? status[key] : undefined);
    const [token, cert, key] = [text('token'), text('clientCertificateData'), text('clientKeyData')];
    if (token === undefined && (cert === undefined || key === undefined)) {
      throw this.#error('it gave neither a token nor a client certificate with its key');
    }
    const expires = Date.parse(text('expirationTimestamp') ?? '');
    return {
      ...(token === undefined ? {} : { token }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
      expiresAt: Number.isNaN(expires) ? undefined : expires,
    };
  }

  #error(detail: string): ClusterError {
    const call = { verb: 'get', resource: 'credentials' };
    return new ClusterError(
      'unauthorized',
      this.#cluster,
      call,
      `the kubeconfig's plugin ${this.#exec.command}: ${detail}`,
    );
  }
}
