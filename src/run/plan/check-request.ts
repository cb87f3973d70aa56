import { ContractError } from '../../aicr/contract-error.ts';
import { NS_PER_SECOND, parseGoDuration } from '../../aicr/go/duration.ts';
import { utf8Length } from '../../aicr/go/utf8.ts';
import { PHASES } from '../../aicr/phase.ts';
import { CLEANUP_POLICIES, MAX_KEEP_FOR, MAX_TIMEOUT } from '../cleanup/cleanup-policy.ts';
import { MAX_ATTEMPTS } from '../ending/retry-rules.ts';
import { DEFAULT_GRACES } from '../ending/symptom.ts';
import type { Fault } from '../fault.ts';
import {
  boundFaults,
  jsonBytes,
  MAX_CATALOG_BYTES,
  MAX_INLINE_TEXT_BYTES,
  MAX_REQUEST_BYTES,
  MAX_SETTINGS_BYTES,
} from './budgets.ts';
import { checkCatalog } from './check-catalog.ts';
import { checkForward, secretsInClear } from './forward.ts';
import {
  boolean,
  type Check,
  dnsLabel,
  integer,
  list,
  mapOf,
  matches,
  object,
  oneOf,
  record,
  show,
  text,
} from './shape.ts';
import type { ValidateClusterRequest } from './validate-cluster-request.ts';

/** How many validators of a phase run at once where the request does not say. */
export const DEFAULT_PARALLELISM = 8;
const MAX_PARALLELISM = 100;

/** Every field a request may have, and what its value must be. */
const FIELDS: Record<keyof ValidateClusterRequest, Check> = {
  version: oneOf([1]),
  cluster: dnsLabel('the name under which a worker serves the cluster'),
  catalog: source(inlineCatalog),
  baseCatalog: source(inlineCatalog),
  namespace: dnsLabel('a namespace'),
  clusterRole: matches(/^[^\s/%*,]{1,253}$/, 'the name of a ClusterRole'),
  runId: matches(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/, 'at most 40 lower-case letters, digits and hyphens'),
  phases: list(oneOf(PHASES)),
  checks: record(Object.fromEntries(PHASES.map((phase) => [phase, list(text)]))),
  skipChecks: list(text),
  failFast: boolean,
  parallelism: integer(1, MAX_PARALLELISM),
  attempts: integer(1, MAX_ATTEMPTS),
  graces: record(Object.fromEntries(Object.keys(DEFAULT_GRACES).map((name) => [name, duration]))),
  cleanup: record({
    run: oneOf(CLEANUP_POLICIES),
    jobs: oneOf(CLEANUP_POLICIES),
    keepFor: durationUpTo(MAX_KEEP_FOR),
    timeout: durationUpTo(MAX_TIMEOUT),
  }),
  snapshot: source(inlineText),
  validation: source(inlineText),
  cliVersion: text,
  cliCommit: text,
  imagePullSecrets: list(text),
  tolerations: list(
    record({
      key: text,
      operator: oneOf(['Exists', 'Equal']),
      value: text,
      effect: text,
      tolerationSeconds: integer(0, Number.MAX_SAFE_INTEGER),
    }),
  ),
  nodeSelector: mapOf(text),
  imageRegistryOverride: text,
  imageTagOverride: text,
  componentRefs: list(record({ name: text, namespace: text, overrides: object }, ['name'])),
  forward: checkForward,
};

/**
 * Every fault of a request, each with the path of its field; none when it may run. A catalog that is given by reference is checked once it
 * has been read.
 */
export function checkRequest(request: unknown): Fault[] {
  if (isDeeperThan(MAX_DEPTH, request))
    return [{ path: 'request', message: `is nested more than ${MAX_DEPTH} levels deep` }];
  const faults = record(FIELDS, ['cluster', 'catalog'])(request, 'request');
  const told = new Set(faults.map(({ path }) => path));
  const secrets = secretsInClear(request, 'request').filter(({ path }) => !told.has(path));
  return [...faults, ...secrets, ...checkSize(request)];
}

/** A workflow that runs out of stack is not refused, but tried again for ever. */
const MAX_DEPTH = 100;

/** Level by level, without a call for each. */
function isDeeperThan(most: number, value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}

/** A request that cannot be done, with everything that is wrong with it. */
export class InvalidRequest extends ContractError {
  readonly faults: Fault[];

  constructor(faults: Fault[]) {
    super('INVALID_REQUEST', describeFaults(faults));
    this.name = 'InvalidRequest';
    this.faults = boundFaults(faults);
  }
}

/**
 * All faults in one message, one a line: what the person who typed the request reads.
 * @param so what follows from them.
 */
export function describeFaults(faults: Fault[], so = ''): string {
  const shown = boundFaults(faults).map(({ path, message }) =>
    path === '…' ? `  ${message}` : `  ${path}: ${message}`,
  );
  const count = `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`;
  return [`the request has ${count}${so}:`, ...shown].join('\n');
}

const BY_REFERENCE = 'give it by reference: {"configMap": {"name", "key"}} or {"file": "path"}';

function source(inline: Check): Check {
  const configMap = record({ name: dnsLabel('a ConfigMap'), key: text, namespace: dnsLabel('a namespace') }, [
    'name',
    'key',
  ]);
  const fields = record({ inline, file: text, configMap });
  return (value, path) => {
    const faults = object(value, path);
    if (faults.length > 0) return faults;
    return Object.keys(value as object).length === 1
      ? fields(value, path)
      : [{ path, message: 'must have exactly one of inline, file, configMap' }];
  };
}

function inlineCatalog(value: unknown, path: string): Fault[] {
  return [...checkCatalog(value, path), ...tooLarge(path, jsonBytes(value), MAX_CATALOG_BYTES)];
}

function inlineText(value: unknown, path: string): Fault[] {
  const faults = text(value, path);
  return faults.length > 0 ? faults : tooLarge(path, utf8Length(value as string), MAX_INLINE_TEXT_BYTES);
}

function tooLarge(path: string, bytes: number, most: number): Fault[] {
  return bytes <= most
    ? []
    : [{ path, message: `has ${bytes} bytes, and at most ${most} go through Temporal; ${BY_REFERENCE}` }];
}

/** What Temporal would refuse, or carry in every validator's input, is refused here, where it can be said what to do. */
function checkSize(request: unknown): Fault[] {
  if (object(request, '').length > 0) return [];
  const given = request as Partial<Record<keyof ValidateClusterRequest, unknown>>;
  const faults: Fault[] = [];
  const bytes = jsonBytes(request);
  if (bytes > MAX_REQUEST_BYTES) {
    const [largest = ''] = Object.keys(given).sort(
      (a, b) => jsonBytes(given[b as keyof typeof given]) - jsonBytes(given[a as keyof typeof given]),
    );
    const advice = SOURCES.has(largest) ? `; ${BY_REFERENCE}` : '';
    faults.push({
      path: 'request',
      message: `has ${bytes} bytes as JSON, and at most ${MAX_REQUEST_BYTES} go through Temporal. The largest field is ${largest}${advice}`,
    });
  }
  const { tolerations, nodeSelector, imagePullSecrets, forward } = given;
  const settings = jsonBytes({ tolerations, nodeSelector, imagePullSecrets, forward });
  if (settings > MAX_SETTINGS_BYTES)
    faults.push({
      path: 'request',
      message: `tolerations, nodeSelector, imagePullSecrets and forward have ${settings} bytes as JSON; at most ${MAX_SETTINGS_BYTES}, since every validator's input repeats them`,
    });
  return faults;
}

const SOURCES = new Set(['catalog', 'baseCatalog', 'snapshot', 'validation']);

function duration(value: unknown, path: string): Fault[] {
  const faults = [{ path, message: `must be a duration such as 90s or 5m, at least 1s, not ${show(value)}` }];
  try {
    return typeof value === 'string' && parseGoDuration(value) >= NS_PER_SECOND ? [] : faults;
  } catch {
    return faults;
  }
}

function durationUpTo(most: string): Check {
  return (value, path) => {
    const faults = duration(value, path);
    if (faults.length > 0 || parseGoDuration(value as string) <= parseGoDuration(most)) return faults;
    return [{ path, message: `must be at most ${most}, not ${show(value)}` }];
  };
}
