import { type Fault, repeatedly } from '../fault.ts';

/** About as long as a run takes that nothing is done to; and what no run is shorter than, by what its validators sleep alone. */
const RUN_MS = { about: 25_000, atLeast: 15_000 };

/** One of the runs after the other is ended, at a random moment of its life. */
function ended(name: string, times: 'once' | 'twice', how: 'cancel' | 'terminate'): Fault {
  return {
    name,
    play: async (scene) => {
      await Promise.all(
        scene.runs.map(async (run, index) => {
          // One of them is surely still open then.
          await scene.pass(Math.random() * (index === 0 ? RUN_MS.atLeast : RUN_MS.about));
          if (run.closed) return;
          await run[how]();
          scene.struck++;
          if (times === 'once') return;
          await scene.pass(Math.random() * 3_000);
          if (!run.closed) await run[how]().catch(() => undefined);
        }),
      );
    },
  };
}

export const ENDINGS = {
  cancelled: ended('run cancelled at a random moment', 'once', 'cancel'),
  cancelledTwice: ended('run cancelled, and again while it cleans up', 'twice', 'cancel'),
  terminated: ended('run terminated at a random moment', 'once', 'terminate'),
};

export const RESET: Fault = {
  name: 'run reset to its last workflow task',
  play: (scene, times) =>
    repeatedly(scene, times, async () => {
      const found = await scene.waiting();
      await found?.run.reset();
      return found !== undefined;
    }),
};
