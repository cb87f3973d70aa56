import type { Scene } from './scene.ts';

/** Something that is done to runs, so many times; each time it was done, `scene.struck` is counted up. */
export interface Fault {
  name: string;
  play(scene: Scene, times: number): Promise<void>;
}

/** One after the other, until the runs are over. */
export async function repeatedly(
  scene: Scene,
  times: number,
  strike: (index: number) => Promise<boolean>,
): Promise<void> {
  for (let index = 0; index < times && !scene.isOver; index++) {
    if (await strike(index)) scene.struck++;
  }
}
