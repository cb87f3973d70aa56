/** AICR_NODE_SELECTOR: how a node selector reaches the inner workloads (contract.md, section 4; `serializeNodeSelector`). */
import { compareByBytes } from '../go/utf8.ts';

/** `key=value` pairs joined by commas, keys in the order of their bytes. */
export function encodeNodeSelector(selector: Record<string, string>): string {
  return Object.keys(selector)
    .sort(compareByBytes)
    .map((key) => `${key}=${selector[key]}`)
    .join(',');
}
