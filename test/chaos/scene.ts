import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../../dev/poll.ts';
import { requestFor } from './catalog.ts';
import type { Moment } from './gate.ts';
import type { Caught } from './pool.ts';
import { Run } from './run.ts';
import type { Stage } from './stage.ts';
import type { ChaosWorker } from './worker.ts';

/** A few runs side by side, and what is done to them. */
export class Scene {
  readonly stage: Stage;
  readonly runs: readonly Run[];
  /** Resolves when all of its runs have closed. */
  readonly over: Promise<void>;
  /** Faults that were injected. */
  struck = 0;

  private constructor(stage: Stage, runs: Run[]) {
    this.stage = stage;
    this.runs = runs;
    this.over = Promise.all(runs.map((run) => run.end())).then(() => undefined);
    // Whoever plays the round waits for it; until then nobody does.
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

  /** The first call that comes to this moment; undefined where none did before all runs had closed. */
  intercept(moment: Moment): Promise<Caught | undefined> {
    return this.stage.pool.intercept(moment, this.over);
  }

  /** Lets time pass, but not longer than the runs are open. */
  async pass(ms: number): Promise<void> {
    await Promise.race([wait(ms), this.over]);
  }

  /** Waits until something holds; undefined where it did not before all runs had closed. */
  async when<T>(what: string, found: () => Promise<T | undefined | false>): Promise<T | undefined> {
    return until(what, async () => (this.isOver ? 'over' : found()), 600).then((value) =>
      value === 'over' ? undefined : value,
    );
  }

  /** A worker that waits for a validator's end right now. */
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
