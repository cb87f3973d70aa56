import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Stack } from '../../dev/stack.ts';
import { environmentOf, WorkerProcess } from '../../dev/worker-process.ts';
import { endWithUs } from '../end-with-parent.ts';
import { FaultProxy } from '../fakes/fault-proxy.ts';
import { Gate, type Orders } from './gate.ts';

/** A worker process with wires of its own: all that it says to Temporal and to the API server can be held and cut. */
export class ChaosWorker {
  readonly gate: Gate;
  readonly toCluster: FaultProxy;
  readonly toTemporal: FaultProxy;
  readonly #process: WorkerProcess;
  readonly #folder: string;

  private constructor(parts: Wires & { process: WorkerProcess }) {
    this.gate = parts.gate;
    this.toCluster = parts.toCluster;
    this.toTemporal = parts.toTemporal;
    this.#folder = parts.folder;
    this.#process = parts.process;
  }

  static async start(stack: Stack, orders: Orders, env: Record<string, string>): Promise<ChaosWorker> {
    const wires = await wiresOf(stack, orders);
    const started = await WorkerProcess.start({
      ...environmentOf(stack),
      TEMPORAL_ADDRESS: `127.0.0.1:${wires.toTemporal.port}`,
      KUBECONFIG: join(wires.folder, 'kubeconfig'),
      // What is left is counted before any sweep.
      PROCTOR_SWEEP_INTERVAL: 'off',
      PROCTOR_LOG_LEVEL: 'ERROR',
      ...env,
    });
    endWithUs(started.pid);
    return new ChaosWorker({ ...wires, process: started });
  }

  get pid(): number {
    return this.#process.pid;
  }

  get alive(): boolean {
    return this.#process.alive;
  }

  /** Ends the process and waits until it is gone; one that is paused dies of SIGKILL all the same. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#process.stop(signal);
    this.gate.close();
    await Promise.all([this.toCluster.close(), this.toTemporal.close()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  pause(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }
}

interface Wires {
  gate: Gate;
  toCluster: FaultProxy;
  toTemporal: FaultProxy;
  folder: string;
}

async function wiresOf(stack: Stack, orders: Orders): Promise<Wires> {
  const gate = await Gate.before(stack, orders);
  const toCluster = await FaultProxy.before(gate.url);
  const toTemporal = await FaultProxy.before(new URL(`http://${stack.temporal.address}`));
  const folder = mkdtempSync(join(tmpdir(), 'proctor-chaos-'));
  const config = parse(readFileSync(stack.cluster.kubeconfig, 'utf8')) as {
    clusters: { cluster: { server: string } }[];
  };
  for (const { cluster } of config.clusters) cluster.server = `https://127.0.0.1:${toCluster.port}`;
  writeFileSync(join(folder, 'kubeconfig'), stringify(config), { mode: 0o600 });
  return { gate, toCluster, toTemporal, folder };
}
