import { beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../dev/poll.ts';
import { type LogRead, readLog } from '../../src/cluster/pod-log.ts';
import { client, owned, refusal } from '../fakes/client.ts';
import { type Answer, FakeApiServer, hangUp, silence, status } from '../fakes/fake-api-server.ts';
import { FaultProxy } from '../fakes/fault-proxy.ts';

const ref = { namespace: 'ns', pod: 'p', container: 'validator' };
const never = new AbortController().signal;
const FAST = { silenceMs: 2_000, backoffMs: 2 };
const text = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join('');

let fake: FakeApiServer;
beforeEach(async () => {
  fake = owned(await FakeApiServer.start());
});

function log(content: string | Buffer): Answer {
  return (_asked, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(content);
}

/** The first bytes, and then the connection is cut. */
function cutAfter(bytes: number, content = text): Answer {
  return (_asked, response) => {
    response.writeHead(200);
    return response.write(content.slice(0, bytes), () => setTimeout(() => response.socket?.destroy(), 20));
  };
}

async function read(more: { signal?: AbortSignal; startedAt?: string; server?: string; silenceMs?: number } = {}) {
  const { signal = never, startedAt, server = fake.url.href, silenceMs = FAST.silenceMs } = more;
  const chunks: Buffer[] = [];
  const take = (chunk: Uint8Array) => void chunks.push(Buffer.from(chunk));
  const all = { ...ref, startedAt };
  const result: LogRead = await readLog(client({ server }), all, take, signal, { ...FAST, silenceMs });
  return { text: Buffer.concat(chunks).toString('utf8'), ...result };
}

it('is read whole, from the container that was asked for', async () => {
  fake.answer(log(text));
  expect(await read()).toEqual({ text, bytes: text.length, startMissing: false });
  expect(fake.asked[0]?.path).toBe('/api/v1/namespaces/ns/pods/p/log');
  expect(fake.asked[0]?.query.get('container')).toBe('validator');
  expect(fake.asked).toHaveLength(1);
});

it.each([1, 5, 4096, 5000, 150_000])(
  'cut after %d bytes: taken up again, no line lost and none repeated',
  async (bytes) => {
    fake.answer(log(text)).script(cutAfter(bytes));
    expect((await read()).text).toBe(text);
    expect(fake.asked).toHaveLength(2);
  },
);

it('cut again and again, each time a little later: it goes on as long as there is progress', async () => {
  fake.answer(log(text)).script(...[10, 5_000, 5_001, 60_000, 60_000, 100_000].map((bytes) => cutAfter(bytes)));
  expect((await read()).text).toBe(text);
});

it('cut again and again without any progress: given up, with the trouble', async () => {
  fake.answer(cutAfter(10));
  expect(await refusal(read())).toMatchObject({ kind: 'unreachable' });
  expect(fake.asked.length).toBe(4);
});

it.each<[string, Answer]>([
  ['a kubelet that is restarted (500)', status(500, 'InternalError', 'dial tcp: connection refused')],
  ['502', status(502, 'BadGateway', 'proxy error')],
  ['no answer at all', hangUp],
])('%s: asked for again', async (_name, answer) => {
  fake.answer(log(text)).script(answer);
  expect((await read()).text).toBe(text);
});

it.each([
  [404, 'NotFound', 'not-found'],
  [403, 'Forbidden', 'forbidden'],
  [400, 'BadRequest', 'invalid'],
])('%d: not asked for again', async (code, reason, kind) => {
  fake.answer(status(code, reason, 'no'));
  expect(await refusal(read())).toMatchObject({ kind });
  expect(fake.asked).toHaveLength(1);
});

it('an API server that lost the kubelet in the middle of a line ends as if all were well: the rest is read', async () => {
  fake.answer(log(text)).script(log(text.slice(0, 1_003)));
  expect((await read()).text).toBe(text);
});

it('a log whose last line has no end is read once more, and is what it is', async () => {
  fake.answer(log('all is well'));
  expect(await read()).toMatchObject({ text: 'all is well', bytes: 11 });
  expect(fake.asked).toHaveLength(2);
});

it('an empty log', async () => {
  fake.answer(log(''));
  expect(await read()).toMatchObject({ text: '', bytes: 0 });
  expect(fake.asked).toHaveLength(1);
});

it('turned away for a second (429 with Retry-After): nobody asks before, then it is read', async () => {
  const at: number[] = [];
  fake
    .answer(log(text))
    .script(status(429, 'TooManyRequests', 'slow down', { headers: { 'retry-after': '1' } }))
    .answer(() => void at.push(performance.now()));
  expect((await read()).text).toBe(text);
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(995);
});

it('turned away for longer than it can wait: the time is handed on', async () => {
  fake.answer(status(429, 'TooManyRequests', 'slow down', { headers: { 'retry-after': '30' } }));
  const error = await refusal(read());
  expect(error.kind).toBe('too-many-requests');
  expect(error.retryAfterMs).toBeGreaterThan(20_000);
  expect(fake.asked).toHaveLength(1);
});

it('a stream that falls silent is given up and taken up again', async () => {
  fake.answer(log(text)).script((_asked, response) => response.writeHead(200).write(text.slice(0, 500)));
  expect((await read({ silenceMs: 300 })).text).toBe(text);
});

it('an answer cut on the wire, over and over, is put together without a gap', async () => {
  fake.answer(log(text));
  const proxy = owned(await FaultProxy.before(fake.url));
  let limit = 20_000;
  proxy.truncateAfter(limit);
  const growing = setInterval(() => {
    limit += 20_000;
    proxy.truncateAfter(limit);
  }, 5);
  expect((await read({ server: `http://127.0.0.1:${proxy.port}` })).text).toBe(text);
  clearInterval(growing);
});

describe('a log that was rotated while it was read', () => {
  it('another start: `conflict`, since only reading all of it anew helps', async () => {
    fake.answer(log(text.slice(100_000))).script(cutAfter(10_000));
    const error = await refusal(read());
    expect(error).toMatchObject({ kind: 'conflict' });
    expect(error.message).toContain('rotated');
  });

  it('shorter than what has been read: tried again, then given up', async () => {
    fake.answer(log(text.slice(0, 5_000))).script(cutAfter(10_000));
    expect(await refusal(read())).toMatchObject({ kind: 'unreachable' });
  });
});

describe('a log whose start is missing', () => {
  const large = `${'x'.repeat(99)}\n`.repeat(12_000);
  const startedAt = '2026-01-01T00:00:00Z';
  const stamped =
    (stamp: string): Answer =>
    (asked, response) =>
      asked.query.has('timestamps') ? log(`${stamp} xxxxxx`)(asked, response) : undefined;

  it('large, and its first line a minute younger than its container: said', async () => {
    fake.answer(log(large)).answer(stamped('2026-01-01T00:01:00.123456789Z'));
    expect((await read({ startedAt })).startMissing).toBe(true);
    expect(fake.asked[1]?.query.get('limitBytes')).toBe('40');
  });

  it('large, and its first line as old as its container: not said', async () => {
    fake.answer(log(large)).answer(stamped('2026-01-01T00:00:01.123456789Z'));
    expect((await read({ startedAt })).startMissing).toBe(false);
  });

  it('small: never suspected, and nothing more is asked', async () => {
    fake.answer(log(text)).answer(stamped('2026-01-01T00:01:00Z'));
    expect((await read({ startedAt })).startMissing).toBe(false);
    expect(fake.asked).toHaveLength(1);
  });

  it('when that cannot be asked, the log counts all the same', async () => {
    fake
      .answer(log(large))
      .answer((asked, response) => (asked.query.has('timestamps') ? hangUp(asked, response) : undefined));
    expect(await read({ startedAt })).toMatchObject({ bytes: large.length, startMissing: false });
  });
});

it('aborting ends it at once with the signal’s own reason, and lets the connection go', async () => {
  fake.answer((_asked, response) => response.writeHead(200).write('a\n'));
  const stop = new AbortController();
  const reading = read({ signal: stop.signal }).catch((error: unknown) => error);
  await until('it reads', () => fake.asked.length === 1);
  const reason = new Error('cancelled');
  stop.abort(reason);
  expect(await reading).toBe(reason);
  await until('the connection is closed', () => fake.open === 0);
});

it('aborted before the server has answered', async () => {
  fake.answer(silence);
  const stop = new AbortController();
  const reading = read({ signal: stop.signal }).catch((error: unknown) => error);
  await until('it was asked', () => fake.asked.length === 1);
  const reason = new Error('cancelled');
  stop.abort(reason);
  expect(await reading).toBe(reason);
});

it('what takes the log and throws ends it with that', async () => {
  fake.answer(log(text));
  const taking = readLog(
    client({ server: fake.url.href }),
    ref,
    () => {
      throw new Error('the disk is full');
    },
    never,
  );
  await expect(taking).rejects.toThrow('the disk is full');
});

it('512 MiB in one line: memory stays where it is', async () => {
  const block = Buffer.alloc(1024 * 1024, 'x');
  fake.answer(async (_asked, response) => {
    response.writeHead(200);
    for (let i = 0; i < 512; i++) {
      if (!response.write(block)) await new Promise((resolve) => response.once('drain', resolve));
    }
    return response.end('\n');
  });
  let bytes = 0;
  let most = 0;
  const before = process.memoryUsage().rss;
  await readLog(
    client({ server: fake.url.href }),
    ref,
    (chunk) => {
      bytes += chunk.length;
      most = Math.max(most, process.memoryUsage().rss - before);
    },
    never,
  );
  expect(bytes).toBe(512 * 1024 * 1024 + 1);
  expect(most).toBeLessThan(200 * 1024 * 1024);
}, 60_000);
