import { expect, it } from 'vitest';
import { PrioritySemaphore } from '../../../src/cluster/transport/priority-semaphore.ts';

it('serves urgent waiters first, and otherwise in the order of their requests', async () => {
  const semaphore = new PrioritySemaphore(1);
  const order: string[] = [];
  const acquire = async (name: string, urgent: boolean) => {
    const release = await semaphore.acquire({ urgent });
    order.push(name);
    release();
  };
  const release = await semaphore.acquire({ urgent: false });
  const all = [acquire('a', false), acquire('b', false), acquire('u1', true), acquire('u2', true)];
  release();
  release();
  await Promise.all(all);
  expect(order).toEqual(['u1', 'u2', 'a', 'b']);
});

it('keeps the permit if a waiter is aborted', async () => {
  const semaphore = new PrioritySemaphore(1);
  const release = await semaphore.acquire({ urgent: false });
  const stop = new AbortController();
  const waiting = semaphore.acquire({ urgent: true, signal: stop.signal }).catch((error: unknown) => error);
  const next = semaphore.acquire({ urgent: false });
  const reason = new Error('cancelled');
  stop.abort(reason);
  expect(await waiting).toBe(reason);
  release();
  (await next)();
  (await semaphore.acquire({ urgent: false }))();
});

it('passes the permit on if its waiter is granted it and aborted in the same turn', async () => {
  const semaphore = new PrioritySemaphore(1);
  const release = await semaphore.acquire({ urgent: false });
  const stop = new AbortController();
  const waiting = semaphore.acquire({ urgent: false, signal: stop.signal }).catch((error: unknown) => error);
  const next = semaphore.acquire({ urgent: false });
  stop.abort(new Error('cancelled'));
  release();
  await waiting;
  (await next)();
});
