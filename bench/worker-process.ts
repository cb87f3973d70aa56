import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ROOT } from './figures.ts';

const KEPT_LINES = 200;

/** A worker in a process of its own, as a user would start it; ready once it serves its cluster. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #said: string[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(script: string, env: Record<string, string>): Promise<WorkerProcess> {
    const child = spawn(process.execPath, [script], {
      cwd: ROOT,
      env: { ...process.env, PROCTOR_LOG_LEVEL: 'WARN', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const worker = new WorkerProcess(child);
    const { promise: serving, resolve, reject } = Promise.withResolvers<void>();
    for (const input of [child.stdout, child.stderr]) {
      if (input === null) continue;
      createInterface({ input }).on('line', (line) => {
        worker.#said.push(line);
        if (worker.#said.length > KEPT_LINES) worker.#said.shift();
        if (line.includes('serving cluster')) resolve();
      });
    }
    child.once('exit', (code) => reject(new Error(`the worker ended (${code}):\n${worker.said}`)));
    await serving;
    return worker;
  }

  /** The end of what it said. */
  get said(): string {
    return this.#said.slice(-20).join('\n');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it sends, where its script speaks by IPC. */
  onMessage(take: (message: unknown) => void): void {
    this.#child.on('message', take);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
  }
}
