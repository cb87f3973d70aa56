import type { Fault } from './fault.ts';
import { type Losses, lossesOf } from './losses.ts';
import { Scene } from './scene.ts';
import type { Stage } from './stage.ts';

/** Runs side by side that meet one fault, or several one after the other, each so many times. */
export interface Round {
  faults: readonly { fault: Fault; times: number }[];
  runs: number;
}

export interface Played extends Losses {
  faults: string;
  struck: number;
  seconds: number;
}

export function nameOf({ faults }: Round): string {
  return faults.map(({ fault }) => fault.name).join('; ') || 'none';
}

export async function play(stage: Stage, round: Round): Promise<Played> {
  const began = performance.now();
  const scene = await Scene.open(stage, round.runs);
  for (const { fault, times } of round.faults) await fault.play(scene, times);
  await scene.over;
  await stage.pool.fill();
  const losses = await lossesOf(scene);
  return {
    faults: nameOf(round),
    struck: scene.struck,
    seconds: Math.round((performance.now() - began) / 1000),
    ...losses,
  };
}
