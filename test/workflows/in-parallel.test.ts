import { expect, it } from 'vitest';
import { inParallel } from '../../src/workflows/in-parallel.ts';

interface Item {
  name: string;
  classes: string[];
}

/** Runs items whose ends the test decides, and keeps what ran beside what. */
function stage(items: Item[], limit: number) {
  const running = new Map<string, () => void>();
  const begun: string[] = [];
  let stopped = false;
  let hold: PromiseWithResolvers<void> | undefined;
  const done = inParallel(
    items,
    {
      limit,
      classesOf: ({ classes }) => classes,
      stopped: () => stopped,
      held: () => hold !== undefined,
      released: () => hold?.promise ?? Promise.resolve(),
    },
    ({ name }) => {
      begun.push(name);
      return new Promise<void>((resolve) => running.set(name, resolve));
    },
  );
  return {
    done,
    begun,
    running: () => [...running.keys()],
    end: async (name: string) => {
      running.get(name)?.();
      running.delete(name);
      // Let the scheduler see it: a few turns of the microtask queue, no time.
      for (let i = 0; i < 10; i++) await Promise.resolve();
    },
    hold: () => {
      hold = Promise.withResolvers();
    },
    release: async () => {
      hold?.resolve();
      hold = undefined;
      for (let i = 0; i < 10; i++) await Promise.resolve();
    },
    stop: () => {
      stopped = true;
    },
  };
}

const item = (name: string, ...classes: string[]): Item => ({ name, classes });

it('runs at most as many at once as the limit says, in order', async () => {
  const { done, running, end, begun } = stage([item('a'), item('b'), item('c')], 2);
  expect(running()).toEqual(['a', 'b']);
  await end('b');
  expect(running()).toEqual(['a', 'c']);
  await end('a');
  await end('c');
  await done;
  expect(begun).toEqual(['a', 'b', 'c']);
});

it('never runs two of one class side by side, and lets others pass them', async () => {
  const { done, running, end } = stage([item('a', 'gpu'), item('b', 'gpu', 'disk'), item('c', 'disk'), item('d')], 10);
  expect(running()).toEqual(['a', 'c', 'd']);
  await end('a');
  expect(running()).toEqual(['c', 'd']);
  await end('c');
  expect(running()).toEqual(['d', 'b']);
  await end('b');
  await end('d');
  await done;
});

it('begins nothing more once it is stopped, and waits for what is under way', async () => {
  const { done, running, end, stop, begun } = stage([item('a'), item('b'), item('c')], 2);
  stop();
  await end('a');
  expect(running()).toEqual(['b']);
  let ended = false;
  void done.then(() => {
    ended = true;
  });
  await end('nobody');
  expect(ended).toBe(false);
  await end('b');
  await done;
  expect(begun).toEqual(['a', 'b']);
});

it('is done at once with nothing to do', async () => {
  await stage([], 3).done;
});

it('begins nothing while there is no room, and goes on once there is', async () => {
  const { done, running, end, hold, release } = stage([item('a'), item('b'), item('c')], 2);
  hold();
  await end('a');
  expect(running()).toEqual(['b']);
  await release();
  expect(running()).toEqual(['b', 'c']);
  await end('b');
  await end('c');
  await done;
});

it('does not wait for room any more once it is stopped', async () => {
  const { done, hold, stop, end, begun } = stage([item('a'), item('b')], 1);
  hold();
  stop();
  await end('a');
  await done;
  expect(begun).toEqual(['a']);
});

it('begins an item though it is held where nothing runs whose end would make room: a run that is reset hears again of rooms it has not begun', async () => {
  const { done, running, end, hold, release } = stage([item('a'), item('b'), item('c')], 2);
  hold();
  await end('a');
  await end('b');
  expect(running()).toEqual(['c']);
  await release();
  await end('c');
  await done;
});
