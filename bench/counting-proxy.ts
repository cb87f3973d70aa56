import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Command, Counts, Times } from './call-counts.ts';

/** How to reach an API server, and the certificate and key that the proxy needs to take its place. */
interface ApiServerAccess {
  kubeconfig: string;
  serverCert: string;
  serverKey: string;
}

/** The counting proxy, which runs in its own process, and a kubeconfig that leads through it. */
export class CountingProxy {
  readonly kubeconfig: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, kubeconfig: string) {
    this.#child = child;
    this.#folder = folder;
    this.kubeconfig = kubeconfig;
  }

  /** Starts a proxy in front of an API server. */
  static async inFrontOf({ kubeconfig, serverCert, serverKey }: ApiServerAccess): Promise<CountingProxy> {
    const script = join(import.meta.dirname, 'counting-proxy-process.ts');
    const child = fork(script, [kubeconfig, serverCert, serverKey]);
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    const folder = mkdtempSync(join(tmpdir(), 'proctor-bench-'));
    const config = parse(readFileSync(kubeconfig, 'utf8')) as { clusters: { cluster: { server: string } }[] };
    for (const { cluster } of config.clusters) cluster.server = `https://127.0.0.1:${port}`;
    const file = join(folder, 'kubeconfig');
    writeFileSync(file, stringify(config), { mode: 0o600 });
    return new CountingProxy(child, folder, file);
  }

  /** What has passed since the last reset, and when the watch event with each Job's end arrived. */
  report(): Promise<{ counts: Counts; ends: Times }> {
    return this.#send('report') as Promise<{ counts: Counts; ends: Times }>;
  }

  async reset(): Promise<void> {
    await this.#send('reset');
  }

  async #send(command: Command): Promise<unknown> {
    const replied = once(this.#child, 'message');
    this.#child.send(command);
    const [reply] = await replied;
    return reply;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
    rmSync(this.#folder, { recursive: true });
  }
}
