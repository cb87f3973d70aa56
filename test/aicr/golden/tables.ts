/** `table-*.json`: each row is an input and the output of AICR's function. */
import type { Catalog, ValidatorEntry } from '../../../src/aicr/catalog/catalog.ts';
import { ContractError, type ErrorCode } from '../../../src/aicr/contract-error.ts';
import { formatGoDuration, msToNs, nsToMs, parseGoDuration } from '../../../src/aicr/go/duration.ts';
import { jobDeadlineFor, jobDeadlineSeconds, orchestratorWaitFor } from '../../../src/aicr/job/clocks.ts';
import { imagePullPolicy, resolveImage } from '../../../src/aicr/job/image.ts';
import { exitCodeToStatus, isFailingStatus } from '../../../src/aicr/result/status.ts';
import { enforcedDeadline, waitFailureMessage } from '../../../src/aicr/result/validator-result.ts';
import { parseCatalogYaml } from '../catalog/parse-catalog-yaml.ts';
import { differences, unknownKeys } from './difference.ts';
import { checkError, type GoldenError } from './jobs.ts';
import { checkLog, checkTermination } from './logs.ts';

/** The type of the rows depends on the table's name, which the compiler does not know. */
export type Check = (row: never) => string[];

export const TABLES: Record<string, Check> = {
  'catalog-parse': checkCatalogParse,
  'exit-code-status': checkExitCode,
  'failure-messages': checkFailureMessage,
  'image-pull-policy': checkPullPolicy,
  'job-deadline-for': checkDeadline,
  'orchestrator-wait-for': checkWait,
  'resolve-image': checkResolveImage,
  sentinels: checkLog,
  'stdout-truncation': checkLog,
  'termination-message': checkTermination,
};

/** Compares all fields of the row, except remarks, with our values. */
function compared(row: object, ours: object): string[] {
  return [...unknownKeys(row, Object.keys(ours), 'row'), ...differences({ ...row }, { ...row, ...ours })];
}

function checkDeadline(row: {
  checkTimeout: string;
  checkTimeoutMs: number;
  deadline: string;
  deadlineMs: number;
  activeDeadlineSeconds: number;
}): string[] {
  const timeout = parseGoDuration(row.checkTimeout);
  const deadline = jobDeadlineFor(timeout);
  return compared(row, {
    checkTimeout: formatGoDuration(timeout),
    checkTimeoutMs: asGiven(row.checkTimeoutMs, nsToMs(timeout)),
    deadline: formatGoDuration(deadline),
    deadlineMs: asGiven(row.deadlineMs, nsToMs(deadline)),
    activeDeadlineSeconds: jobDeadlineSeconds(timeout),
  });
}

/** Go's `Milliseconds` has no fraction, so a row without one gets none. */
function asGiven(given: number, ms: number): number {
  return Number.isInteger(given) ? Math.trunc(ms) : ms;
}

function checkWait(row: {
  observedStart: string | null;
  now: string;
  delayMs: number;
  checkTimeoutMs: number;
  wantMs: number;
}): string[] {
  const observedStartMs = row.observedStart === null ? null : Date.parse(row.observedStart);
  const nowMs = observedStartMs === null ? Date.parse(row.now) : observedStartMs + row.delayMs;
  const known = [
    'observedStart',
    'now',
    'delayMs',
    'checkTimeoutMs',
    'wantMs',
    'derived',
    'oldFloorMs',
    'source',
    'name',
  ];
  return [
    ...unknownKeys(row, known, 'row'),
    ...differences(Date.parse(row.now), Math.floor(nowMs), 'now'),
    ...differences(
      row.wantMs,
      orchestratorWaitFor({ observedStartMs, nowMs, timeoutNs: msToNs(row.checkTimeoutMs) }),
      'wantMs',
    ),
  ];
}

function checkExitCode(row: { exitCode: number; status: string; failing: boolean }): string[] {
  const status = exitCodeToStatus(row.exitCode);
  return compared(row, { exitCode: row.exitCode, status, failing: isFailingStatus(status) });
}

function checkPullPolicy(row: { image: string; tagOverride: string; want: string }): string[] {
  const { image, tagOverride } = row;
  return compared(row, { image, tagOverride, want: imagePullPolicy(image, tagOverride) });
}

function checkResolveImage(row: {
  image: string;
  version: string;
  commit: string;
  tagOverride: string;
  registryOverride: string;
  want: string;
}): string[] {
  const { image, version, commit, tagOverride, registryOverride } = row;
  const rules = { version, commit, tagOverride, registryOverride };
  return compared(row, { image, ...rules, want: resolveImage(image, rules) });
}

function checkFailureMessage(row: {
  fn: string;
  timeout: string;
  cause?: string;
  causeText?: string | null;
  liveActiveDeadlineSeconds?: number | null;
  want: string;
}): string[] {
  if (row.fn === 'waitFailureMessage') {
    return differences(
      row.want,
      waitFailureMessage(causeOf(row.cause ?? 'nil', row.causeText ?? null), row.timeout),
      'want',
    );
  }
  if (row.fn !== 'enforcedDeadline') return [`fn: nothing checks ${row.fn}`];
  const live = row.liveActiveDeadlineSeconds ?? null;
  const spec = { template: { spec: { containers: [] } }, ...(live === null ? {} : { activeDeadlineSeconds: live }) };
  return differences(row.want, enforcedDeadline({ spec }, row.timeout), 'want');
}

/**
 * The error that a row describes by a label and by its text. A text `[CODE] message: cause` is a ContractError with
 * that cause. In any other text of a coded error, the part from the first `[CODE]` on is the cause.
 */
function causeOf(label: string, text: string | null): unknown {
  if (text === null) return undefined;
  const isCoded = /ErrCode|StructuredError/.test(label);
  const [, code, rest = ''] = (isCoded && /^\[([A-Z_]+)\] (.*)$/s.exec(text)) || [];
  if (code !== undefined) {
    const [, message = rest, cause] = /^(.*?): (\[[A-Z_]+\] .*|context .*)$/s.exec(rest) ?? [];
    return new ContractError(code as ErrorCode, message, cause === undefined ? undefined : causeOf(label, cause));
  }
  const inner = isCoded ? /\[([A-Z_]+)\] (.*)$/s.exec(text) : null;
  const error = new Error(text, inner === null ? undefined : { cause: causeOf(label, inner[0]) });
  if (/DeadlineExceeded/.test(label)) error.name = 'TimeoutError';
  return error;
}

function checkCatalogParse(row: { name: string; yaml: string; validators?: unknown[]; error?: GoldenError }): string[] {
  let catalog: Catalog | undefined;
  let error: unknown;
  try {
    catalog = parseCatalogYaml(row.yaml);
  } catch (thrown) {
    error = thrown;
  }
  return [
    ...unknownKeys(row, ['name', 'yaml', 'validators', 'error'], 'row'),
    ...checkError(row.error, error),
    ...differences(row.validators, catalog?.validators.map(asAicrWrites), 'validators'),
  ];
}

/** An entry as Go writes AICR's struct in JSON: without empty fields that are `omitempty`. */
function asAicrWrites(entry: ValidatorEntry): Record<string, unknown> {
  const { resources, dependencyAffinity, timeout, ...rest } = entry;
  return {
    ...rest,
    timeout,
    timeoutSeconds: Number(parseGoDuration(timeout)) / 1e9,
    ...(resources === undefined ? {} : { resources: withoutEmpty(resources) }),
    ...(dependencyAffinity === undefined ? {} : { dependencyAffinity: dependencyAffinity.map(withoutEmpty) }),
  };
}

function withoutEmpty(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== ''));
}
