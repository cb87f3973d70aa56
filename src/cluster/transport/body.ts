/** An answer's body is not what was expected. The message never quotes the body, which may contain secrets. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
}

/** The largest answer that is read. 500 objects of a list are a few MiB, and etcd stores no object over 1.5 MiB. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** The largest single event of a watch. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Reads a body and parses it as JSON. Throws {@link BodyError} if it is too large or not JSON. */
export async function readJson(body: AsyncIterable<Uint8Array>, maxBytes = MAX_BODY_BYTES): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new BodyError(`the answer is larger than ${maxBytes} bytes`);
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
 * Yields the lines of a body, without blank ones. Text after the last newline is dropped, since that line is
 * incomplete. A chunk may end anywhere, even inside a character, so bytes are collected and decoded line by line.
 */
export async function* readLines(body: AsyncIterable<Uint8Array>, maxBytes = MAX_LINE_BYTES): AsyncGenerator<string> {
  let pending: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      pending.push(chunk.subarray(from, end));
      const line = Buffer.concat(pending).toString('utf8');
      pending = [];
      size = 0;
      from = end + 1;
      if (line !== '') yield line;
    }
    if (from === chunk.length) continue;
    pending.push(chunk.subarray(from));
    size += chunk.length - from;
    if (size > maxBytes) throw new BodyError(`a line is longer than ${maxBytes} bytes`);
  }
}
