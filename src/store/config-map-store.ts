import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ClusterApi } from '../cluster/api.ts';
import { CONFIG_MAPS } from '../cluster/resources.ts';
import type { ConfigMap, ObjectMeta } from '../contract/kubernetes.ts';
import type { ResultStore } from './store.ts';

const KEY = 'result.json.gz';
/** A result is bounded by the contract (1,000 lines of 512 bytes and a little more); what unpacks to more than this was not put by us. */
const MAX_UNPACKED_BYTES = 8 * 1024 * 1024;

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/**
 * Keeps results in ConfigMaps of the run, one a result, compressed: half a MiB of log lines is the most that the contract leaves of a log,
 * and a ConfigMap holds 1 MiB.
 */
export class ConfigMapStore implements ResultStore {
  readonly #api: ClusterApi;
  readonly #namespace: string;
  readonly #metadata: ObjectMeta;

  /** @param metadata labels, annotations and owner of each ConfigMap. */
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

  async get(key: string, signal: AbortSignal): Promise<unknown> {
    const ref = { resource: CONFIG_MAPS, namespace: this.#namespace, name: key };
    const packed = (await this.#api.find<ConfigMap>(ref, signal))?.binaryData?.[KEY];
    if (packed === undefined) return undefined;
    const text = await unpack(Buffer.from(packed, 'base64'), { maxOutputLength: MAX_UNPACKED_BYTES });
    return JSON.parse(text.toString('utf8'));
  }
}
