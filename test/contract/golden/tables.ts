/** `table-*.json`: a row is an input and what AICR's function gave for it. */
import type { Catalog, ValidatorEntry } from '../../../src/contract/catalog.ts';
import { parseCatalogYaml } from '../../../src/contract/catalog-yaml.ts';
import { jobDeadlineFor, jobDeadlineSeconds, orchestratorWaitFor } from '../../../src/contract/clocks.ts';
import { ContractError, type ErrorCode } from '../../../src/contract/error.ts';
import { formatGoDuration, msToNs, nsToMs, parseGoDuration } from '../../../src/contract/go-duration.ts';
import { imagePullPolicy, resolveImage } from '../../../src/contract/image.ts';
import { enforcedDeadline, waitFailureMessage } from '../../../src/contract/result.ts';
import { exitCodeToStatus, isFailingStatus } from '../../../src/contract/status.ts';
import { differences, unknownKeys } from './difference.ts';
import { checkError, type GoldenError } from './jobs.ts';
import { checkLog, checkTermination } from './logs.ts';

/** A table's name says what its rows hold, so nothing but the JSON itself could tell the compiler. */
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

function checkDeadline(row: {
  checkTimeout: string;
  checkTimeoutMs: number;
  deadline: string;
  deadlineMs: number;
  activeDeadlineSeconds: number;
}): string[] {
  const timeout = parseGoDuration(row.checkTimeout);
  const deadline = jobDeadlineFor(timeout);
  return differences(row, {
    checkTimeout: formatGoDuration(timeout),
    checkTimeoutMs: nsToMs(timeout),
    deadline: formatGoDuration(deadline),
    deadlineMs: nsToMs(deadline),
    activeDeadlineSeconds: jobDeadlineSeconds(timeout),
  });
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
  return differences(row, { exitCode: row.exitCode, status, failing: isFailingStatus(status) });
}

function checkPullPolicy(row: { image: string; tagOverride: string; want: string }): string[] {
  return differences(row, { ...row, want: imagePullPolicy(row.image, row.tagOverride) });
}

function checkResolveImage(row: {
  image: string;
  version: string;
  commit: string;
  tagOverride: string;
  registryOverride: string;
  want: string;
}): string[] {
  return differences(row, { ...row, want: resolveImage(row.image, row) });
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

/** The error a row's text stands for: `[CODE] message: cause` and Go's two context errors, at any depth. */
function causeOf(label: string, text: string | null): unknown {
  if (text === null) return undefined;
  const coded = /^\[([A-Z_]+)\] (.*)$/s.exec(text);
  if (coded !== null) {
    const [, code = '', rest = ''] = coded;
    const split = /^(.*?): (\[[A-Z_]+\] .*|context deadline exceeded)$/s.exec(rest);
    const [message, cause] = split === null ? [rest, undefined] : [split[1] ?? '', causeOf('', split[2] ?? '')];
    return new ContractError(code as ErrorCode, message, cause);
  }
  const error = new Error(text);
  if (/DeadlineExceeded/.test(label) || text.endsWith('context deadline exceeded')) error.name = 'TimeoutError';
  const inner = /(\[[A-Z_]+\] .*)$/s.exec(text);
  if (inner !== null) error.cause = causeOf('', inner[1] ?? '');
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

/** An entry as AICR's struct would be written in JSON: what is empty is left out where its field says so. */
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
