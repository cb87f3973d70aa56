import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Ask, Counts, Times } from './call-counts.ts';

/** An API server, and the certificate that its clients trust. */
interface ApiServerAccess {
  kubeconfig: string;
  serverCert: string;
  serverKey: string;
}

/** The counting proxy, in a process of its own, and the kubeconfig that leads through it. */
export class CountingProxy {
  readonly kubeconfig: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, kubeconfig: string) {
    this.#child = child;
    this.#folder = folder;
    this.kubeconfig = kubeconfig;
  }

  static async before({ kubeconfig, serverCert, serverKey }: ApiServerAccess): Promise<CountingProxy> {
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

  /** What has passed since the last reset. */
  report(): Promise<{ counts: Counts; ends: Times }> {
    return this.#ask('report') as Promise<{ counts: Counts; ends: Times }>;
  }

  async reset(): Promise<void> {
    await this.#ask('reset');
  }

  async #ask(what: Ask): Promise<unknown> {
    const answered = once(this.#child, 'message');
    this.#child.send(what);
    const [answer] = await answered;
    return answer;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
    rmSync(this.#folder, { recursive: true });
  }
}
