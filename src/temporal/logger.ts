import { DefaultLogger, type LogEntry, type Logger, type LogLevel } from '@temporalio/worker';
import { messageOf } from '../run/error-message.ts';

/** What a log line may say beside its message. The SDK's own attributes hold task tokens, with which anybody could complete an activity. */
const SHOWN = ['workflowId', 'activityType', 'taskQueue', 'attempt', 'pod', 'error', 'durationMs'];
const MAX_VALUE = 300;
/** Said of every queue that serves activities only, which is all but one. */
const NOISE = /not polling for|Worker state changed|Workflow bundle created|^asset |webpack .* compiled/;

const LEVELS: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];

/** Logs one line an event to standard error. `PROCTOR_LOG_LEVEL`: TRACE, DEBUG, INFO, WARN or ERROR. @default INFO */
export function createLogger(env: NodeJS.ProcessEnv): Logger {
  const wanted = env.PROCTOR_LOG_LEVEL?.toUpperCase();
  return new DefaultLogger(LEVELS.find((level) => level === wanted) ?? 'INFO', (entry) => {
    if (NOISE.test(entry.message)) return;
    process.stderr.write(`${line(entry)}\n`);
  });
}

function line({ level, message, meta, timestampNanos }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const attributes: Record<string, unknown> = meta ?? {};
  const shown = SHOWN.filter((key) => attributes[key] !== undefined).map((key) => `${key}=${text(attributes[key])}`);
  return [time, level, message, ...shown].join(' ');
}

function text(value: unknown): string {
  const shown = messageOf(value);
  return JSON.stringify(shown.length > MAX_VALUE ? `${shown.slice(0, MAX_VALUE)}…` : shown);
}
