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
  return (_request, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(content);
}

/** Sends the first bytes, then cuts the connection. */
function cutAfter(bytes: number, content = text): Answer {
  return (_request, response) => {
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

it('reads a whole log of the given container', async () => {
  fake.answer(log(text));
  expect(await read()).toEqual({ text, bytes: text.length, startMissing: false });
  expect(fake.requests[0]?.path).toBe('/api/v1/namespaces/ns/pods/p/log');
  expect(fake.requests[0]?.query.get('container')).toBe('validator');
  expect(fake.requests).toHaveLength(1);
});

it.each([1, 5, 4096, 5000, 150_000])(
  'resumes after a cut at %d bytes without losing or repeating a line',
  async (bytes) => {
    fake.answer(log(text)).script(cutAfter(bytes));
    expect((await read()).text).toBe(text);
    expect(fake.requests).toHaveLength(2);
  },
);

it('continues after any number of cuts while each read makes progress', async () => {
  fake.answer(log(text)).script(...[10, 5_000, 5_001, 60_000, 60_000, 100_000].map((bytes) => cutAfter(bytes)));
  expect((await read()).text).toBe(text);
});

it('fails with the last error after four reads without progress', async () => {
  fake.answer(cutAfter(10));
  expect(await refusal(read())).toMatchObject({ kind: 'unreachable' });
  expect(fake.requests.length).toBe(4);
});

it.each<[string, Answer]>([
  ['a 500 of a kubelet that restarts', status(500, 'InternalError', 'dial tcp: connection refused')],
  ['a 502', status(502, 'BadGateway', 'proxy error')],
  ['no answer at all', hangUp],
])('retries after %s', async (_name, answer) => {
  fake.answer(log(text)).script(answer);
  expect((await read()).text).toBe(text);
});

it.each([
  [404, 'NotFound', 'not-found'],
  [403, 'Forbidden', 'forbidden'],
  [400, 'BadRequest', 'invalid'],
])('does not retry after %d', async (code, reason, kind) => {
  fake.answer(status(code, reason, 'no'));
  expect(await refusal(read())).toMatchObject({ kind });
  expect(fake.requests).toHaveLength(1);
});

it('reads the rest after an answer that ends regularly in the middle of a line', async () => {
  fake.answer(log(text)).script(log(text.slice(0, 1_003)));
  expect((await read()).text).toBe(text);
});

it('reads a log without a final newline once more, and accepts it', async () => {
  fake.answer(log('all is well'));
  expect(await read()).toMatchObject({ text: 'all is well', bytes: 11 });
  expect(fake.requests).toHaveLength(2);
});

it('reads an empty log', async () => {
  fake.answer(log(''));
  expect(await read()).toMatchObject({ text: '', bytes: 0 });
  expect(fake.requests).toHaveLength(1);
});

it('waits for the Retry-After of a 429', async () => {
  const at: number[] = [];
  fake
    .answer(log(text))
    .script(status(429, 'TooManyRequests', 'slow down', { headers: { 'retry-after': '1' } }))
    .answer(() => void at.push(performance.now()));
  expect((await read()).text).toBe(text);
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(995);
});

it('fails with the server’s Retry-After if that is longer than the call can wait', async () => {
  fake.answer(status(429, 'TooManyRequests', 'slow down', { headers: { 'retry-after': '30' } }));
  const error = await refusal(read());
  expect(error.kind).toBe('too-many-requests');
  expect(error.retryAfterMs).toBeGreaterThan(20_000);
  expect(fake.requests).toHaveLength(1);
});

it('resumes after a stream falls silent', async () => {
  fake.answer(log(text)).script((_request, response) => response.writeHead(200).write(text.slice(0, 500)));
  expect((await read({ silenceMs: 300 })).text).toBe(text);
});

it('assembles a log without a gap from answers that are truncated repeatedly', async () => {
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

describe('rotation during a read', () => {
  it('fails with `conflict` if the log starts differently', async () => {
    fake.answer(log(text.slice(100_000))).script(cutAfter(10_000));
    const error = await refusal(read());
    expect(error).toMatchObject({ kind: 'conflict' });
    expect(error.message).toContain('rotated');
  });

  it('retries, then fails if the log is shorter than what was read before', async () => {
    fake.answer(log(text.slice(0, 5_000))).script(cutAfter(10_000));
    expect(await refusal(read())).toMatchObject({ kind: 'unreachable' });
  });
});

describe('startMissing', () => {
  const large = `${'x'.repeat(99)}\n`.repeat(12_000);
  const startedAt = '2026-01-01T00:00:00Z';
  const stamped =
    (stamp: string): Answer =>
    (request, response) =>
      request.query.has('timestamps') ? log(`${stamp} xxxxxx`)(request, response) : undefined;

  it('is true for a large log whose first line is a minute younger than its container', async () => {
    fake.answer(log(large)).answer(stamped('2026-01-01T00:01:00.123456789Z'));
    expect((await read({ startedAt })).startMissing).toBe(true);
    expect(fake.requests[1]?.query.get('limitBytes')).toBe('40');
  });

  it('is false for a large log whose first line is as old as its container', async () => {
    fake.answer(log(large)).answer(stamped('2026-01-01T00:00:01.123456789Z'));
    expect((await read({ startedAt })).startMissing).toBe(false);
  });

  it('is false for a small log, without another request', async () => {
    fake.answer(log(text)).answer(stamped('2026-01-01T00:01:00Z'));
    expect((await read({ startedAt })).startMissing).toBe(false);
    expect(fake.requests).toHaveLength(1);
  });

  it('is false if the check fails, and the log is returned', async () => {
    fake
      .answer(log(large))
      .answer((request, response) => (request.query.has('timestamps') ? hangUp(request, response) : undefined));
    expect(await read({ startedAt })).toMatchObject({ bytes: large.length, startMissing: false });
  });
});

it('rejects with the signal’s reason and closes the connection when aborted', async () => {
  fake.answer((_request, response) => response.writeHead(200).write('a\n'));
  const stop = new AbortController();
  const reading = read({ signal: stop.signal }).catch((error: unknown) => error);
  await until('the read has started', () => fake.requests.length === 1);
  const reason = new Error('cancelled');
  stop.abort(reason);
  expect(await reading).toBe(reason);
  await until('the connection is closed', () => fake.open === 0);
});

it('rejects with the signal’s reason when aborted before the server answers', async () => {
  fake.answer(silence);
  const stop = new AbortController();
  const reading = read({ signal: stop.signal }).catch((error: unknown) => error);
  await until('the request has arrived', () => fake.requests.length === 1);
  const reason = new Error('cancelled');
  stop.abort(reason);
  expect(await reading).toBe(reason);
});

it('rejects with the error of a consumer that throws', async () => {
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

it('reads a line of 512 MiB with bounded memory', async () => {
  const block = Buffer.alloc(1024 * 1024, 'x');
  fake.answer(async (_request, response) => {
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
