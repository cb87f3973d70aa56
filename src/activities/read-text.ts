import { constants, open, realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import type { ClusterApi } from '../cluster/api.ts';
import { CONFIG_MAPS } from '../cluster/resources.ts';
import type { ConfigMap } from '../kubernetes/types.ts';
import { messageOf } from '../run/error-message.ts';
import { MAX_TEXT_BYTES } from '../run/plan/budgets.ts';
import { InvalidRequest } from '../run/plan/invalid-request.ts';
import { excess } from '../run/plan/policy.ts';
import type { Policy } from '../run/plan/policy-schema.ts';
import type { TextSource } from '../run/plan/validate-cluster-request.ts';

export interface TextReader {
  api: ClusterApi;
  policy: Policy;
  /** The run's namespace: the default for a ConfigMap. */
  namespace: string;
}

/**
 * Reads the text that a request refers to. A file is relative to the worker's working directory, and must be inside one
 * of the policy's folders.
 * @param path the field of the request, for faults.
 * @throws InvalidRequest if the text does not exist, is too large, or may not be read.
 */
export async function readText(
  reader: TextReader,
  source: TextSource,
  path: string,
  signal: AbortSignal,
  maxBytes = MAX_TEXT_BYTES,
): Promise<string> {
  if ('file' in source) return readFileText(source.file, reader.policy, `${path}.file`, maxBytes);
  const text = 'inline' in source ? source.inline : await readConfigMap(reader, source.configMap, path, signal);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return text;
  throw refused(path, tooLarge(bytes, maxBytes));
}

async function readConfigMap(
  { api, policy, namespace }: TextReader,
  { name, key, namespace: from = namespace }: { name: string; key: string; namespace?: string },
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const [fault] = excess(policy, [{ of: 'namespace', value: from, path: `${path}.configMap.namespace` }]);
  if (fault !== undefined) throw new InvalidRequest([fault]);
  const configMap = await api.find<ConfigMap>({ resource: CONFIG_MAPS, namespace: from, name }, signal);
  const text = configMap?.data?.[key];
  if (text !== undefined) return text;
  const missing =
    configMap === undefined
      ? 'it does not exist'
      : `it has no key ${key}; it has ${Object.keys(configMap.data ?? {}).join(', ') || 'none'}`;
  throw refused(`${path}.configMap`, `ConfigMap ${name} in namespace ${from}: ${missing}`);
}

async function readFileText(file: string, { fileRoots }: Policy, path: string, maxBytes: number): Promise<string> {
  const asked = resolve(file);
  const outside = `${asked} is in none of the folders from which requests to this worker may read files: ${fileRoots.join(', ') || 'none'} (PROCTOR_ALLOW_FILE_ROOTS, or fileRoots in the worker's policy file)`;
  const inRoots = (name: string) => fileRoots.some((root) => isInside(root, name));
  // The fault must not reveal whether a file outside the folders exists.
  const real = await realpath(asked).catch((error: unknown) => {
    throw refused(path, inRoots(asked) ? notRead(error) : outside);
  });
  if (!inRoots(real)) throw refused(path, outside);
  try {
    return await readRegularFile(real, path, maxBytes);
  } catch (error) {
    throw error instanceof InvalidRequest ? error : refused(path, notRead(error));
  }
}

/** Reads at most `maxBytes`, and no device or pipe, which might never end. */
async function readRegularFile(real: string, path: string, maxBytes: number): Promise<string> {
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw refused(path, `${real} is not a file`);
    if (stat.size > maxBytes) throw refused(path, tooLarge(stat.size, maxBytes));
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function isInside(root: string, file: string): boolean {
  const path = relative(root, file);
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`);
}

function tooLarge(bytes: number, most: number): string {
  return `has ${bytes} bytes, and at most ${most} ${most < MAX_TEXT_BYTES ? 'fit into a run' : 'fit into a ConfigMap beside its metadata'}`;
}

function notRead(error: unknown): string {
  return `${messageOf(error)} (the worker reads it, not the caller)`;
}

function refused(path: string, message: string): InvalidRequest {
  return new InvalidRequest([{ path, message }]);
}
