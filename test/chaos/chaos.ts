import { up } from '../../dev/stack.ts';
import { NOT_TRIED } from './not-tried.ts';
import { nameOf, playRound, type Round, type RoundResult } from './round.ts';
import { openStage, type Stage } from './stage.ts';
import { markdown, type Row, rowsOf, totalOf } from './table.ts';

export interface ChaosResult {
  /** The number of faults injected in total. */
  faults: number;
  verdictsLost: number;
  extraJobs: number;
  extraExecutions: number;
  leftovers: number;
  notTried: typeof NOT_TRIED;
  rows: Row[];
  /** Each loss, and everything else that was wrong, in words. */
  losses: string[];
}

/** Plays the rounds one after the other on the stack of that name, and logs the result of each. */
export async function chaos(
  stack: string,
  rounds: readonly Round[],
  log: (line: string) => void,
): Promise<ChaosResult> {
  const stage = await openStage(stack, log);
  const played: RoundResult[] = [];
  try {
    for (const round of rounds) {
      const one = await playRound(stage, round).catch((error: unknown) => failed(stage, round, error));
      played.push(one);
      log(`${one.injected} × ${one.faults}, in ${one.seconds} s`);
      for (const line of lossesIn(one)) log(`  ${line}`);
    }
  } finally {
    await stage.close();
  }
  return resultOf(played);
}

/** The result of a round that failed. Brings the stack up again for the rounds that follow. */
async function failed({ stack }: Stage, round: Round, error: unknown): Promise<RoundResult> {
  await up({ name: stack.name, log: () => undefined });
  const none = { verdictsLost: [], extraJobs: [], extraExecutions: [], leftovers: [] };
  return { faults: nameOf(round), injected: 0, seconds: 0, ...none, uncounted: [`the round failed: ${String(error)}`] };
}

function resultOf(played: readonly RoundResult[]): ChaosResult {
  const rows = rowsOf(played);
  const { times, verdictsLost, extraJobs, extraExecutions, leftovers } = totalOf(rows);
  const losses = played.flatMap((one) => lossesIn(one).map((line) => `${one.faults}: ${line}`));
  return { faults: times, verdictsLost, extraJobs, extraExecutions, leftovers, notTried: NOT_TRIED, rows, losses };
}

function lossesIn({
  verdictsLost,
  extraJobs,
  extraExecutions,
  leftovers,
  uncounted,
  injected,
  faults,
}: RoundResult): string[] {
  return [
    ...verdictsLost.map((line) => `verdict lost: ${line}`),
    ...extraJobs.map((line) => `extra Job: ${line}`),
    ...extraExecutions.map((line) => `extra execution: ${line}`),
    ...leftovers.map((line) => `left over: ${line}`),
    ...uncounted.map((line) => `not counted: ${line}`),
    // A fault that was never injected proves nothing.
    ...(injected === 0 && faults !== 'none' ? ['the fault could not be injected'] : []),
  ];
}

export function tableOf({ rows }: ChaosResult): string {
  return markdown(rows);
}
