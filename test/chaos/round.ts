import type { Fault } from './fault.ts';
import { type Losses, lossesOf } from './losses.ts';
import { Scene } from './scene.ts';
import type { Stage } from './stage.ts';

/** Runs side by side, and the faults that are injected one after the other, each several times. */
export interface Round {
  faults: readonly { fault: Fault; times: number }[];
  runs: number;
}

export interface RoundResult extends Losses {
  faults: string;
  injected: number;
  seconds: number;
}

export function nameOf({ faults }: Round): string {
  return faults.map(({ fault }) => fault.name).join('; ') || 'none';
}

export async function playRound(stage: Stage, round: Round): Promise<RoundResult> {
  const began = performance.now();
  const scene = await Scene.open(stage, round.runs);
  for (const { fault, times } of round.faults) await fault.inject(scene, times);
  await scene.over;
  await stage.pool.fill();
  const losses = await lossesOf(scene);
  return {
    faults: nameOf(round),
    injected: scene.injected,
    seconds: Math.round((performance.now() - began) / 1000),
    ...losses,
  };
}
