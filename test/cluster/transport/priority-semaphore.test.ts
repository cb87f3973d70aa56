import { expect, it } from 'vitest';
import { PrioritySemaphore } from '../../../src/cluster/transport/priority-semaphore.ts';

it('a place is given in the order of asking, the urgent ones first', async () => {
  const semaphore = new PrioritySemaphore(1);
  const order: string[] = [];
  const take = async (name: string, urgent: boolean) => {
    const leave = await semaphore.acquire({ urgent });
    order.push(name);
    leave();
  };
  const leave = await semaphore.acquire({ urgent: false });
  const all = [take('a', false), take('b', false), take('u1', true), take('u2', true)];
  leave();
  leave();
  await Promise.all(all);
  expect(order).toEqual(['u1', 'u2', 'a', 'b']);
});

it('whoever is aborted while he waits takes no place with him', async () => {
  const semaphore = new PrioritySemaphore(1);
  const leave = await semaphore.acquire({ urgent: false });
  const stop = new AbortController();
  const waiting = semaphore.acquire({ urgent: true, signal: stop.signal }).catch((error: unknown) => error);
  const next = semaphore.acquire({ urgent: false });
  const reason = new Error('cancelled');
  stop.abort(reason);
  expect(await waiting).toBe(reason);
  leave();
  (await next)();
  (await semaphore.acquire({ urgent: false }))();
});

it('given and aborted in the same turn: the place goes to the next', async () => {
  const semaphore = new PrioritySemaphore(1);
  const leave = await semaphore.acquire({ urgent: false });
  const stop = new AbortController();
  const waiting = semaphore.acquire({ urgent: false, signal: stop.signal }).catch((error: unknown) => error);
  const next = semaphore.acquire({ urgent: false });
  stop.abort(new Error('cancelled'));
  leave();
  await waiting;
  (await next)();
});
