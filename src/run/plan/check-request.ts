import type { Fault } from '../fault.ts';
import { faultsOfBounds } from '../schema/bounds.ts';
import { faultsOf } from '../schema/faults.ts';
import { jsonBytes, MAX_REQUEST_BYTES, MAX_SETTINGS_BYTES } from './budgets.ts';
import { secretsInClear } from './clear-text-secrets.ts';
import { BY_REFERENCE, SOURCE_FIELDS } from './inline-sources.ts';
import { requestSchema, type ValidateClusterRequest } from './validate-cluster-request.ts';

/**
 * Checks a request, and returns every fault with the path of its field. A catalog that is given by reference is checked
 * later, once it has been read.
 */
export function checkRequest(request: unknown): Fault[] {
  const tooLarge = faultsOfBounds(request, 'request');
  if (tooLarge.length > 0) return tooLarge;
  const faults = faultsOf(requestSchema, request, 'request');
  const reported = new Set(faults.map(({ path }) => path));
  const secrets = secretsInClear(request, 'request').filter(({ path }) => !reported.has(path));
  return [...faults, ...secrets, ...checkSize(request)];
}

type Given = Partial<Record<keyof ValidateClusterRequest, unknown>>;

/** Refuses, with advice, what Temporal would refuse, and what is too large for every validator's input. */
function checkSize(request: unknown): Fault[] {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) return [];
  return [...checkWhole(request), ...checkSettings(request)];
}

function checkWhole(given: Given): Fault[] {
  const bytes = jsonBytes(given);
  if (bytes <= MAX_REQUEST_BYTES) return [];
  const [[largest] = ['']] = Object.entries(given).sort(([, a], [, b]) => jsonBytes(b) - jsonBytes(a));
  const advice = SOURCE_FIELDS.some((field) => field === largest) ? `; ${BY_REFERENCE}` : '';
  const message = `has ${bytes} bytes as JSON, and at most ${MAX_REQUEST_BYTES} go through Temporal. The largest field is ${largest}${advice}`;
  return [{ path: 'request', message }];
}

function checkSettings({ tolerations, nodeSelector, imagePullSecrets, forward }: Given): Fault[] {
  const bytes = jsonBytes({ tolerations, nodeSelector, imagePullSecrets, forward });
  if (bytes <= MAX_SETTINGS_BYTES) return [];
  const message = `tolerations, nodeSelector, imagePullSecrets and forward have ${bytes} bytes as JSON; at most ${MAX_SETTINGS_BYTES}, since every validator's input repeats them`;
  return [{ path: 'request', message }];
}
