import { type Fault, repeatedly } from '../fault.ts';

/** How long a run without faults takes, and the least that any run takes because its validators sleep that long. */
const RUN_MS = { about: 25_000, atLeast: 15_000 };

/** Ends each of the runs at a random moment. */
function ended(name: string, times: 'once' | 'twice', how: 'cancel' | 'terminate'): Fault {
  return {
    name,
    inject: async (scene) => {
      await Promise.all(
        scene.runs.map(async (run, index) => {
          // The first run is certainly still open at its moment.
          await scene.pass(Math.random() * (index === 0 ? RUN_MS.atLeast : RUN_MS.about));
          if (run.closed) return;
          await run[how]();
          scene.injected++;
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
  cancelledTwice: ended('run cancelled, and cancelled again while it cleans up', 'twice', 'cancel'),
  terminated: ended('run terminated at a random moment', 'once', 'terminate'),
};

export const RESET: Fault = {
  name: 'run reset to its last workflow task',
  inject: (scene, times) =>
    repeatedly(scene, times, async () => {
      const found = await scene.waiting();
      await found?.run.reset();
      return found !== undefined;
    }),
};
