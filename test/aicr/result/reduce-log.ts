import { encodeUtf8 } from '../../../src/aicr/go/utf8.ts';
import { createLogReducer, type LogResult } from '../../../src/aicr/result/log-reducer.ts';

/** Reduces a log that is given in one piece. */
export function reduceLog(log: Uint8Array | string): LogResult {
  const reducer = createLogReducer();
  reducer.push(typeof log === 'string' ? encodeUtf8(log) : log);
  return reducer.end();
}
