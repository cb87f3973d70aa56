import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stack } from '../../dev/stack.ts';
import { environmentOf, WorkerProcess } from '../../dev/worker-process.ts';
import { endWithParent } from '../end-with-parent.ts';
import { FaultProxy } from '../fakes/fault-proxy.ts';
import { copyKubeconfig } from '../kubeconfig.ts';
import { Gate, type Holds } from './gate.ts';

/** A worker process whose connections to Temporal and to the API server can be held and cut. */
export class ChaosWorker {
  readonly gate: Gate;
  readonly toCluster: FaultProxy;
  readonly toTemporal: FaultProxy;
  readonly #process: WorkerProcess;
  readonly #folder: string;

  private constructor(parts: Connections & { process: WorkerProcess }) {
    this.gate = parts.gate;
    this.toCluster = parts.toCluster;
    this.toTemporal = parts.toTemporal;
    this.#folder = parts.folder;
    this.#process = parts.process;
  }

  static async start(stack: Stack, holds: Holds, env: Record<string, string>): Promise<ChaosWorker> {
    const connections = await connectThroughProxies(stack, holds);
    const started = await WorkerProcess.start({
      ...environmentOf(stack),
      TEMPORAL_ADDRESS: `127.0.0.1:${connections.toTemporal.port}`,
      KUBECONFIG: connections.kubeconfig,
      // Leftovers are counted before any sweep.
      PROCTOR_SWEEP_INTERVAL: 'off',
      PROCTOR_LOG_LEVEL: 'ERROR',
      ...env,
    });
    endWithParent(started.pid);
    return new ChaosWorker({ ...connections, process: started });
  }

  get pid(): number {
    return this.#process.pid;
  }

  get alive(): boolean {
    return this.#process.alive;
  }

  /** Ends the process and waits until it has exited. SIGKILL ends a paused process too. */
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

interface Connections {
  gate: Gate;
  toCluster: FaultProxy;
  toTemporal: FaultProxy;
  folder: string;
  kubeconfig: string;
}

async function connectThroughProxies(stack: Stack, holds: Holds): Promise<Connections> {
  const gate = await Gate.before(stack, holds);
  const toCluster = await FaultProxy.before(gate.url);
  const toTemporal = await FaultProxy.before(new URL(`http://${stack.temporal.address}`));
  const folder = mkdtempSync(join(tmpdir(), 'proctor-chaos-'));
  const kubeconfig = join(folder, 'kubeconfig');
  copyKubeconfig(stack.cluster.kubeconfig, kubeconfig, { server: `https://127.0.0.1:${toCluster.port}` });
  return { gate, toCluster, toTemporal, folder, kubeconfig };
}
