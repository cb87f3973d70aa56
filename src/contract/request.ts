import { checkCatalog, type Fault } from './catalog.ts';
import { PHASES } from './constants.ts';
import { NS_PER_SECOND, parseGoDuration } from './go-duration.ts';
import { isDnsLabel } from './names.ts';
import { MAX_ATTEMPTS } from './retry.ts';
import type { ValidateClusterRequest } from './run.ts';
import { DEFAULT_GRACES } from './symptom.ts';

/** How many validators of a phase run at once where the request does not say. */
export const DEFAULT_PARALLELISM = 8;
const MAX_PARALLELISM = 100;

type Check = (value: unknown, path: string) => Fault[];

/** Every field a request may have, and what its value must be. */
const FIELDS: Record<keyof ValidateClusterRequest, Check> = {
  version: oneOf([1]),
  cluster: dnsLabel('the name under which a worker serves the cluster'),
  catalog: (value, path) => checkSource(value, path, checkCatalog),
  namespace: dnsLabel('a namespace'),
  runId: matches(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/, 'at most 40 lower-case letters, digits and hyphens'),
  phases: list(oneOf(PHASES)),
  skipChecks: list(text),
  failFast: boolean,
  parallelism: integer(1, MAX_PARALLELISM),
  attempts: integer(1, MAX_ATTEMPTS),
  graces: record(Object.fromEntries(Object.keys(DEFAULT_GRACES).map((name) => [name, duration]))),
  snapshot: (value, path) => checkSource(value, path, text),
  validation: (value, path) => checkSource(value, path, text),
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
};

/**
 * Every fault of a request, each with the path of its field; none when it may run. A catalog that is given by reference is checked once it
 * has been read.
 */
export function checkRequest(request: unknown): Fault[] {
  return record(FIELDS, ['cluster', 'catalog'])(request, 'request');
}

const MAX_FAULTS_SHOWN = 50;

/** All faults in one message, one a line: what the person who typed the request reads. */
export function describeFaults(faults: Fault[]): string {
  const shown = faults.slice(0, MAX_FAULTS_SHOWN).map(({ path, message }) => `  ${path}: ${message}`);
  const more = faults.length - shown.length;
  const count = `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`;
  return [
    `the request has ${count}, and nothing was created:`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
}

function checkSource(value: unknown, path: string, inline: Check): Fault[] {
  const faults = object(value, path);
  if (faults.length > 0) return faults;
  const given = Object.keys(value as object);
  if (given.length !== 1) return [{ path, message: 'must have exactly one of inline, file, configMap' }];
  const configMap = record({ name: dnsLabel('a ConfigMap'), key: text, namespace: dnsLabel('a namespace') }, [
    'name',
    'key',
  ]);
  return record({ inline, file: text, configMap })(value, path);
}

function record(fields: Record<string, Check>, required: string[] = []): Check {
  return (value, path) => {
    if (object(value, path).length > 0) return object(value, path);
    const given = value as Record<string, unknown>;
    const faults: Fault[] = [];
    for (const name of required)
      if (given[name] === undefined) faults.push({ path: `${path}.${name}`, message: 'is required' });
    for (const [name, field] of Object.entries(given)) {
      const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (check === undefined)
        faults.push({
          path: `${path}.${name}`,
          message: `is not a field; the fields are ${Object.keys(fields).join(', ')}`,
        });
      else if (field !== undefined) faults.push(...check(field, `${path}.${name}`));
    }
    return faults;
  };
}

function list(check: Check): Check {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((item, i) => check(item, `${path}[${i}]`))
      : [{ path, message: `must be a list, not ${show(value)}` }];
}

function mapOf(check: Check): Check {
  return (value, path) => {
    const faults = object(value, path);
    return faults.length > 0
      ? faults
      : Object.entries(value as object).flatMap(([key, item]) => check(item, `${path}.${key}`));
  };
}

function oneOf(allowed: readonly unknown[]): Check {
  return (value, path) =>
    allowed.includes(value) ? [] : [{ path, message: `must be ${allowed.join(', ')}, not ${show(value)}` }];
}

function matches(pattern: RegExp, what: string): Check {
  return (value, path) =>
    typeof value === 'string' && pattern.test(value) ? [] : [{ path, message: `must be ${what}, not ${show(value)}` }];
}

function dnsLabel(what: string): Check {
  return (value, path) =>
    typeof value === 'string' && isDnsLabel(value)
      ? []
      : [
          {
            path,
            message: `must be ${what} (a DNS label: lower-case letters, digits and hyphens), not ${show(value)}`,
          },
        ];
}

function integer(least: number, most: number): Check {
  return (value, path) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? []
      : [{ path, message: `must be a whole number from ${least} to ${most}, not ${show(value)}` }];
}

function duration(value: unknown, path: string): Fault[] {
  const faults = [{ path, message: `must be a duration such as 90s or 5m, at least 1s, not ${show(value)}` }];
  try {
    return typeof value === 'string' && parseGoDuration(value) >= NS_PER_SECOND ? [] : faults;
  } catch {
    return faults;
  }
}

function text(value: unknown, path: string): Fault[] {
  return typeof value === 'string' ? [] : [{ path, message: `must be a text, not ${show(value)}` }];
}

function boolean(value: unknown, path: string): Fault[] {
  return typeof value === 'boolean' ? [] : [{ path, message: `must be true or false, not ${show(value)}` }];
}

function object(value: unknown, path: string): Fault[] {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? [] : [{ path, message: `must be an object, not ${show(value)}` }];
}

const MAX_SHOWN = 60;

/** A value as a fault shows it; bounded, since a whole catalog may stand where a number should. */
function show(value: unknown): string {
  const shown = value === undefined ? 'nothing' : JSON.stringify(value);
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
}
