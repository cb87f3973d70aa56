import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ClusterApi } from '../cluster/api.ts';
import { CONFIG_MAPS } from '../cluster/resources.ts';
import type { ConfigMap, ObjectMeta } from '../kubernetes/types.ts';
import type { ResultStore } from './result-store.ts';

const KEY = 'result.json.gz';
/**
 * ConfigMaps per page. etcd refuses objects over 1.5 MiB, so a page stays below the largest response that the client
 * reads.
 */
const PAGE_SIZE = 40;
/**
 * The largest size to which a result may unpack. AICR bounds a result to 1,000 lines of 512 bytes and a little more, so
 * Proctor has not stored anything larger.
 */
const MAX_UNPACKED_BYTES = 8 * 1024 * 1024;

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/**
 * Stores each result, compressed, in its own ConfigMap. AICR keeps at most half a MiB of a log, and a ConfigMap holds
 * 1 MiB.
 */
export class ConfigMapStore implements ResultStore {
  readonly #api: ClusterApi;
  readonly #namespace: string;
  readonly #metadata: ObjectMeta;

  /**
   * @param metadata labels, annotations and owner of each ConfigMap. No other run's ConfigMaps have all of these
   * labels.
   */
  constructor(api: ClusterApi, namespace: string, metadata: ObjectMeta) {
    this.#api = api;
    this.#namespace = namespace;
    this.#metadata = metadata;
  }

  async put(key: string, result: unknown, signal: AbortSignal): Promise<void> {
    const packed = await pack(JSON.stringify(result));
    const metadata = { ...this.#metadata, name: key, namespace: this.#namespace };
    await this.#api.apply<ConfigMap>(
      CONFIG_MAPS,
      { metadata, binaryData: { [KEY]: packed.toString('base64') } },
      signal,
    );
  }

  /** Lists the ConfigMaps instead of getting each: three calls for a run of a hundred validators. */
  async getAll(keys: ReadonlySet<string>, signal: AbortSignal): Promise<Map<string, unknown>> {
    const results = new Map<string, unknown>();
    if (keys.size === 0) return results;
    const labelSelector = Object.entries(this.#metadata.labels ?? {})
      .map(([label, value]) => `${label}=${value}`)
      .join(',');
    const query = { namespace: this.#namespace, labelSelector, limit: PAGE_SIZE };
    for await (const configMaps of this.#api.pages<ConfigMap>(CONFIG_MAPS, query, signal)) {
      for (const { metadata, binaryData } of configMaps) {
        const { name = '' } = metadata;
        const packed = binaryData?.[KEY];
        if (packed !== undefined && keys.has(name)) results.set(name, await unpackResult(packed));
      }
    }
    return results;
  }
}

async function unpackResult(packed: string): Promise<unknown> {
  const text = await unpack(Buffer.from(packed, 'base64'), { maxOutputLength: MAX_UNPACKED_BYTES });
  return JSON.parse(text.toString('utf8'));
}
