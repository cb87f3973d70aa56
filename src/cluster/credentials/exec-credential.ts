import { spawn } from 'node:child_process';
import { ClusterError } from '../cluster-error.ts';
import { bounded } from '../transport/kubernetes-status.ts';

/** A user's `exec` in a kubeconfig. */
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
  /** Milliseconds since the epoch. Credentials without an expiry are used until the server refuses them. */
  expiresAt: number | undefined;
}

const TIME_LIMIT_MS = 60_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** Credentials are renewed this long before they expire, or a fifth of their lifetime if that is shorter. */
const RENEW_EARLY_MS = 60_000;

/**
 * The credentials of an exec plugin. Parallel callers share one run of the plugin, and it runs again in the background
 * before its credentials expire. client-node starts one process for each parallel call, and starts none before the old
 * token has expired.
 */
export class ExecCredential {
  readonly #cluster: string;
  readonly #exec: ExecConfig;
  readonly #clusterInfo: Record<string, unknown>;
  readonly #stop = new AbortController();
  #cached: { result: ExecResult; renewAt: number } | undefined;
  #running: Promise<ExecResult> | undefined;

  /** @param clusterInfo passed to the plugin if its kubeconfig sets `provideClusterInfo`. */
  constructor(cluster: string, exec: ExecConfig, clusterInfo: Record<string, unknown>) {
    this.#cluster = cluster;
    this.#exec = exec;
    this.#clusterInfo = clusterInfo;
  }

  async current(): Promise<ExecResult> {
    const now = Date.now();
    const cached = this.#cached;
    if (cached === undefined || (cached.result.expiresAt ?? Number.POSITIVE_INFINITY) <= now) return this.#renew();
    // The credentials are still valid, so this caller does not wait. If the plugin fails, the next caller reruns it.
    if (cached.renewAt <= now) this.#renew().catch(() => undefined);
    return cached.result;
  }

  /** Discards the credentials, which the server refused before they expired. */
  drop(): void {
    this.#cached = undefined;
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
    const lifetime = (result.expiresAt ?? Number.POSITIVE_INFINITY) - startedAt;
    this.#cached = { result, renewAt: startedAt + lifetime - Math.min(RENEW_EARLY_MS, lifetime / 5) };
    return result;
  }

  #output(): Promise<string> {
    const { command, args, env, apiVersion, provideClusterInfo } = this.#exec;
    const info = {
      apiVersion: apiVersion ?? 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false, ...(provideClusterInfo === true ? { cluster: this.#clusterInfo } : {}) },
    };
    const execEnv = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
    const child = spawn(command, args ?? [], {
      env: { ...process.env, ...execEnv, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIME_LIMIT_MS,
      signal: this.#stop.signal,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.length > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-1000);
    });
    return new Promise((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(this.#error(`the command could not be started (${error.code ?? error.name})`)),
      );
      child.once('close', (code, signal) => {
        if (code === 0) resolve(stdout);
        else reject(this.#error(`the command ended with ${signal ?? `exit code ${code}`}: ${bounded(stderr.trim())}`));
      });
    });
  }

  #parse(output: string): ExecResult {
    let status: Record<string, unknown> | undefined;
    try {
      status = (JSON.parse(output) as { status?: Record<string, unknown> }).status;
    } catch {
      // The parser's message would quote the output, which contains the token.
      throw this.#error('the command did not print JSON');
    }
    const text = (key: string) => (typeof status?.[key] === 'string' ? status[key] : undefined);
    const [token, cert, key] = [text('token'), text('clientCertificateData'), text('clientKeyData')];
    if (token === undefined && (cert === undefined || key === undefined)) {
      throw this.#error('the command returned neither a token nor a client certificate with its key');
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
