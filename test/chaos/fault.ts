import type { Scene } from './scene.ts';

/** A fault that `inject` injects into runs several times. It increments `scene.injected` each time. */
export interface Fault {
  name: string;
  inject(scene: Scene, times: number): Promise<void>;
}

/** Injects a fault up to this many times, one after the other, until the runs have closed. */
export async function repeatedly(
  scene: Scene,
  times: number,
  inject: (index: number) => Promise<boolean>,
): Promise<void> {
  for (let index = 0; index < times && !scene.isOver; index++) {
    if (await inject(index)) scene.injected++;
  }
}
