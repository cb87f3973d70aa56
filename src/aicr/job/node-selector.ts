/**
 * The value of AICR_NODE_SELECTOR, from which a validator takes the node selector of the workloads that it starts
 * (AICR's `serializeNodeSelector`; docs/contract.md, section 4).
 */
import { compareByBytes } from '../go/utf8.ts';

/** `key=value` pairs joined by commas, with keys ordered by their bytes. */
export function encodeNodeSelector(selector: Record<string, string>): string {
  return Object.keys(selector)
    .sort(compareByBytes)
    .map((key) => `${key}=${selector[key]}`)
    .join(',');
}
