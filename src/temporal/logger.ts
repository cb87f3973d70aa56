import { DefaultLogger, type LogEntry, type Logger, type LogLevel } from '@temporalio/worker';
import { messageOf } from '../run/error-message.ts';

/**
 * The attributes that a log line shows. The SDK also passes task tokens, with which anyone can complete an activity.
 */
const SHOWN_ATTRIBUTES = ['workflowId', 'activityType', 'taskQueue', 'attempt', 'pod', 'error', 'durationMs'];
const MAX_VALUE = 300;
/** Messages of the SDK that are not useful: about workers that only serve activities, and about the bundling. */
const NOISE = /not polling for|Worker state changed|Workflow bundle created|^asset |webpack .* compiled/;

const LEVELS: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];

/**
 * Creates the logger of the worker, which writes one line for each event to standard error. `PROCTOR_LOG_LEVEL` is
 * TRACE, DEBUG, INFO, WARN or ERROR. @default INFO
 */
export function createLogger(env: NodeJS.ProcessEnv): Logger {
  const wanted = env.PROCTOR_LOG_LEVEL?.toUpperCase();
  return new DefaultLogger(LEVELS.find((level) => level === wanted) ?? 'INFO', (entry) => {
    if (NOISE.test(entry.message)) return;
    process.stderr.write(`${lineOf(entry)}\n`);
  });
}

function lineOf({ level, message, meta, timestampNanos }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const attributes: Record<string, unknown> = meta ?? {};
  const shown = SHOWN_ATTRIBUTES.filter((key) => attributes[key] !== undefined);
  const pairs = shown.map((key) => `${key}=${quoted(attributes[key])}`);
  return [time, level, message, ...pairs].join(' ');
}

function quoted(value: unknown): string {
  const text = messageOf(value);
  return JSON.stringify(text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text);
}
