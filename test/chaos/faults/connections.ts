import type { FaultProxy } from '../../fakes/fault-proxy.ts';
import { type Fault, repeatedly } from '../fault.ts';
import type { ChaosWorker } from '../worker.ts';

/** How a wire can fail, one way after the other: reset, closed for a while, and silent, which nobody is told of. */
async function fail(wires: readonly FaultProxy[], way: number, pass: (ms: number) => Promise<void>): Promise<void> {
  if (way % 3 === 0) for (const wire of wires) wire.cut();
  else if (way % 3 === 1) {
    await Promise.all(wires.map((wire) => wire.refuse()));
    await pass(5_000);
    await Promise.all(wires.map((wire) => wire.accept()));
  } else {
    for (const wire of wires) wire.stall();
    await pass(12_000);
    for (const wire of wires) wire.unstall();
  }
}

function cut(name: string, wire: (worker: ChaosWorker) => FaultProxy): Fault {
  return {
    name,
    play: (scene, times) =>
      repeatedly(scene, times, async (index) => {
        await scene.pass(2_000);
        if (scene.isOver) return false;
        await fail(scene.stage.pool.workers.map(wire), index, (ms) => scene.pass(ms));
        return true;
      }),
  };
}

export const WIRES = {
  temporal: cut(
    'all workers cut off from Temporal (reset, refused for 5 s, silent for 12 s)',
    ({ toTemporal }) => toTemporal,
  ),
  cluster: cut('all workers cut off from the API server (the same three ways)', ({ toCluster }) => toCluster),
};
