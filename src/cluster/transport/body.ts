/** What a body was expected to be and is not. The message never quotes the body: it may hold secrets. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
}

/** The most that is read of one answer: 500 objects of a list are a few MiB, and etcd takes no object over 1.5 MiB. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** The most that one event of a watch may be. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/** A body of bounded size, parsed as JSON. */
export async function readJson(body: AsyncIterable<Uint8Array>, most = MAX_BODY_BYTES): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most) throw new BodyError(`the answer is larger than ${most} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    // The parser's own message quotes the text.
    throw new BodyError('the answer is not JSON');
  }
}

/**
 * The lines of a body. What follows the last newline is dropped: a line that was cut off is no line. A chunk may end anywhere, inside a
 * character too, so bytes are gathered and decoded a line at a time.
 */
export async function* readLines(body: AsyncIterable<Uint8Array>, most = MAX_LINE_BYTES): AsyncGenerator<string> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      held.push(chunk.subarray(from, end));
      const line = Buffer.concat(held).toString('utf8');
      held = [];
      size = 0;
      from = end + 1;
      if (line !== '') yield line;
    }
    if (from === chunk.length) continue;
    held.push(chunk.subarray(from));
    size += chunk.length - from;
    if (size > most) throw new BodyError(`a line is longer than ${most} bytes`);
  }
}
