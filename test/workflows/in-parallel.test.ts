import { expect, it } from 'vitest';
import { inParallel } from '../../src/workflows/in-parallel.ts';

interface Item {
  name: string;
  classes: string[];
}

/** Runs items that end when the test says so, and records which have started and which are running. */
function run(items: Item[], limit: number) {
  const running = new Map<string, () => void>();
  const started: string[] = [];
  let stopped = false;
  let currentHold: PromiseWithResolvers<void> | undefined;
  const done = inParallel(
    items,
    {
      limit,
      classesOf: ({ classes }) => classes,
      isStopped: () => stopped,
      isOnHold: () => currentHold !== undefined,
      untilReleased: () => currentHold?.promise ?? Promise.resolve(),
    },
    ({ name }) => {
      started.push(name);
      return new Promise<void>((resolve) => running.set(name, resolve));
    },
  );
  return {
    done,
    started,
    running: () => [...running.keys()],
    end: async (name: string) => {
      running.get(name)?.();
      running.delete(name);
      await settle();
    },
    hold: () => {
      currentHold = Promise.withResolvers();
    },
    release: async () => {
      currentHold?.resolve();
      currentHold = undefined;
      await settle();
    },
    stop: () => {
      stopped = true;
    },
  };
}

/** Lets `inParallel` react: a few turns of the microtask queue are enough, since no timer is involved. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

const item = (name: string, ...classes: string[]): Item => ({ name, classes });

it('runs at most as many items at once as the limit allows, in order', async () => {
  const { done, running, end, started } = run([item('a'), item('b'), item('c')], 2);
  expect(running()).toEqual(['a', 'b']);
  await end('b');
  expect(running()).toEqual(['a', 'c']);
  await end('a');
  await end('c');
  await done;
  expect(started).toEqual(['a', 'b', 'c']);
});

it('never runs two items of one class at the same time, and starts later items meanwhile', async () => {
  const { done, running, end } = run([item('a', 'gpu'), item('b', 'gpu', 'disk'), item('c', 'disk'), item('d')], 10);
  expect(running()).toEqual(['a', 'c', 'd']);
  await end('a');
  expect(running()).toEqual(['c', 'd']);
  await end('c');
  expect(running()).toEqual(['d', 'b']);
  await end('b');
  await end('d');
  await done;
});

it('starts no further item after a stop, and waits for the running ones', async () => {
  const { done, running, end, stop, started } = run([item('a'), item('b'), item('c')], 2);
  stop();
  await end('a');
  expect(running()).toEqual(['b']);
  let ended = false;
  void done.then(() => {
    ended = true;
  });
  await end('none');
  expect(ended).toBe(false);
  await end('b');
  await done;
  expect(started).toEqual(['a', 'b']);
});

it('returns at once if there are no items', async () => {
  await run([], 3).done;
});

it('starts no item while on hold, and continues after the release', async () => {
  const { done, running, end, hold, release } = run([item('a'), item('b'), item('c')], 2);
  hold();
  await end('a');
  expect(running()).toEqual(['b']);
  await release();
  expect(running()).toEqual(['b', 'c']);
  await end('b');
  await end('c');
  await done;
});

it('does not wait for the release after a stop', async () => {
  const { done, hold, stop, end, started } = run([item('a'), item('b')], 1);
  hold();
  stop();
  await end('a');
  await done;
  expect(started).toEqual(['a']);
});

// After a reset, the run receives the room signals again, even those of validators that it has not started again yet.
it('starts an item while on hold if nothing is running', async () => {
  const { done, running, end, hold, release } = run([item('a'), item('b'), item('c')], 2);
  hold();
  await end('a');
  await end('b');
  expect(running()).toEqual(['c']);
  await release();
  await end('c');
  await done;
});
