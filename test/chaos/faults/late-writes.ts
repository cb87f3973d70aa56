import { setTimeout as wait } from 'node:timers/promises';
import { type Fault, repeatedly } from '../fault.ts';
import * as moments from '../moments.ts';

/** How long a worker that was let go on has to do what it was about to do. */
const RELEASED_MS = 5_000;

/** The first is paused with its apply on the wire; the second, given the same attempt, is held at the same place; then both get through. */
const fighting: Fault = {
  name: 'two workers apply the same Job at once',
  play: (scene, times) =>
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

/** Paused before its apply, given up, done by another; it goes on when the run has ended and everything has been taken back. */
const released: Fault = {
  name: 'deploy paused (SIGSTOP) before its apply, and let go on after the cleanup',
  play: async (scene) => {
    const caught = await scene.intercept(moments.APPLY);
    if (caught === undefined) return;
    caught.worker.pause();
    caught.held.drop();
    await scene.over;
    caught.worker.resume();
    scene.struck++;
    await wait(RELEASED_MS);
  },
};

export const LATE = { fighting, released };
