import type { FaultProxy } from '../../fakes/fault-proxy.ts';
import { type Fault, repeatedly } from '../fault.ts';
import type { ChaosWorker } from '../worker.ts';

/** Fails connections in one of three ways: reset, refused for 5 s, or silent for 12 s, which neither side notices. */
async function fail(
  connections: readonly FaultProxy[],
  way: number,
  pass: (ms: number) => Promise<void>,
): Promise<void> {
  if (way % 3 === 0) for (const connection of connections) connection.cut();
  else if (way % 3 === 1) {
    await Promise.all(connections.map((connection) => connection.refuse()));
    await pass(5_000);
    await Promise.all(connections.map((connection) => connection.accept()));
  } else {
    for (const connection of connections) connection.stall();
    await pass(12_000);
    for (const connection of connections) connection.unstall();
  }
}

function cut(name: string, connection: (worker: ChaosWorker) => FaultProxy): Fault {
  return {
    name,
    inject: (scene, times) =>
      repeatedly(scene, times, async (index) => {
        await scene.pass(2_000);
        if (scene.isOver) return false;
        await fail(scene.stage.pool.workers.map(connection), index, (ms) => scene.pass(ms));
        return true;
      }),
  };
}

export const CONNECTIONS = {
  temporal: cut(
    'all workers cut off from Temporal (reset, refused for 5 s, silent for 12 s)',
    ({ toTemporal }) => toTemporal,
  ),
  cluster: cut('all workers cut off from the API server (the same three ways)', ({ toCluster }) => toCluster),
};
