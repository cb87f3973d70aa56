import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../../dev/poll.ts';
import { requestFor } from './catalog.ts';
import type { Moment } from './gate.ts';
import type { Intercepted } from './pool.ts';
import { Run } from './run.ts';
import type { Stage } from './stage.ts';
import type { ChaosWorker } from './worker.ts';

/** A few runs side by side, and what a fault needs to affect them. */
export class Scene {
  readonly stage: Stage;
  readonly runs: readonly Run[];
  /** Resolves when all of its runs have closed. */
  readonly over: Promise<void>;
  /** The number of faults injected. */
  injected = 0;

  private constructor(stage: Stage, runs: Run[]) {
    this.stage = stage;
    this.runs = runs;
    this.over = Promise.all(runs.map((run) => run.end())).then(() => undefined);
    // `playRound` awaits this later; without a handler until then, a rejection would count as unhandled.
    this.over.catch(() => undefined);
  }

  static async open(stage: Stage, runs: number): Promise<Scene> {
    await stage.pool.fill();
    const { stack, counter, proctor } = stage;
    const request = requestFor(stack.image, counter.address);
    const started = Array.from({ length: runs }, () => Run.start(proctor, request));
    return new Scene(stage, await Promise.all(started));
  }

  get isOver(): boolean {
    return this.runs.every(({ closed }) => closed);
  }

  /** Holds the first call that reaches this moment; undefined if all runs close before that. */
  intercept(moment: Moment): Promise<Intercepted | undefined> {
    return this.stage.pool.intercept(moment, this.over);
  }

  /** Waits this long, but not longer than until all runs have closed. */
  async pass(ms: number): Promise<void> {
    await Promise.race([wait(ms), this.over]);
  }

  /** Waits until `found` returns something; undefined if all runs close before that. */
  async when<T>(what: string, found: () => Promise<T | undefined | false>): Promise<T | undefined> {
    return until(what, async () => (this.isOver ? 'over' : found()), 600).then((value) =>
      value === 'over' ? undefined : value,
    );
  }

  /** Waits for a worker that is waiting for a validator's end. */
  waiting(): Promise<{ worker: ChaosWorker; validator: string; run: Run } | undefined> {
    return this.when('a worker waits for a validator', async () => {
      for (const run of this.runs) {
        for (const { pid, validator } of await run.waits()) {
          const worker = this.stage.pool.byPid(pid);
          if (worker?.alive) return { worker, validator, run };
        }
      }
      return undefined;
    });
  }
}
