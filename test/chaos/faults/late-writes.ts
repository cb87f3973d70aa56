import { setTimeout as wait } from 'node:timers/promises';
import { type Fault, repeatedly } from '../fault.ts';
import * as moments from '../moments.ts';

/** How long a resumed worker has to do what it was about to do. */
const RELEASED_MS = 5_000;

/**
 * The first worker is paused while its apply is held. The second worker gets the same attempt, and its apply is held at
 * the same moment. Then both applies are released.
 */
const concurrentApply: Fault = {
  name: 'two workers apply the same Job at once',
  inject: (scene, times) =>
    repeatedly(scene, times, async () => {
      const first = await scene.intercept(moments.APPLY);
      if (first === undefined) return false;
      first.worker.pause();
      const path = new RegExp(first.held.path.replace(/\?.*/, ''));
      const second = await scene.intercept({ ...moments.APPLY, path });
      first.held.release();
      second?.held.release();
      first.worker.resume();
      return second !== undefined;
    }),
};

/**
 * The worker is paused before its apply, times out, and another worker does the deploy. The paused worker resumes after
 * the run has ended and cleaned up.
 */
const lateApply: Fault = {
  name: 'deploy paused (SIGSTOP) before its apply, and resumed after the cleanup',
  inject: async (scene) => {
    const intercepted = await scene.intercept(moments.APPLY);
    if (intercepted === undefined) return;
    intercepted.worker.pause();
    intercepted.held.drop();
    await scene.over;
    intercepted.worker.resume();
    scene.injected++;
    await wait(RELEASED_MS);
  },
};

export const LATE = { concurrentApply, lateApply };
