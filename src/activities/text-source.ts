import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import type { ClusterApi } from '../cluster/api.ts';
import { CONFIG_MAPS } from '../cluster/resources.ts';
import type { ConfigMap } from '../contract/kubernetes.ts';
import type { TextSource } from '../contract/run.ts';

/** A ConfigMap holds at most 1 MiB in all, so nothing larger could reach a validator. */
const MAX_TEXT_BYTES = 900 * 1024;

/** The text a request points at. A file is one the worker can read, relative to its working directory. */
export async function readText(
  api: ClusterApi,
  source: TextSource,
  namespace: string,
  what: string,
  signal: AbortSignal,
): Promise<string> {
  const text = await readSource(api, source, namespace, what, signal);
  const size = Buffer.byteLength(text);
  if (size <= MAX_TEXT_BYTES) return text;
  throw refused(`${what} has ${size} bytes; at most ${MAX_TEXT_BYTES} fit into a ConfigMap beside its metadata`);
}

async function readSource(
  api: ClusterApi,
  source: TextSource,
  namespace: string,
  what: string,
  signal: AbortSignal,
): Promise<string> {
  if ('inline' in source) return source.inline;
  if ('file' in source) {
    try {
      return await readFile(resolve(source.file), { encoding: 'utf8', signal });
    } catch (error) {
      throw refused(
        `${what}.file: ${error instanceof Error ? error.message : String(error)} (the worker reads it, not the caller)`,
      );
    }
  }
  const { name, key } = source.configMap;
  const from = source.configMap.namespace ?? namespace;
  const configMap = await api.find<ConfigMap>({ resource: CONFIG_MAPS, namespace: from, name }, signal);
  const text = configMap?.data?.[key];
  if (text !== undefined) return text;
  const missing =
    configMap === undefined
      ? 'there is no such ConfigMap'
      : `it has no key ${key}; it has ${Object.keys(configMap.data ?? {}).join(', ') || 'none'}`;
  throw refused(`${what}.configMap: ConfigMap ${name} in namespace ${from}: ${missing}`);
}

function refused(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidRequest');
}
