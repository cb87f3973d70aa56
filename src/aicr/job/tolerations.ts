/**
 * The value of AICR_TOLERATIONS, from which a validator takes the tolerations of the workloads that it starts (AICR's
 * `serializeTolerations`; docs/contract.md, section 4).
 */
import type { Toleration } from '../../kubernetes/types.ts';

export function encodeTolerations(tolerations: readonly Toleration[]): string {
  return tolerations.map(encodeToleration).join(',');
}

/** `*` for a toleration of every key, whose effect is lost; otherwise `key=value:Effect`, or `key:Effect`. */
function encodeToleration(toleration: Toleration): string {
  const { key = '', operator = '', value = '', effect = '' } = toleration;
  if (key === '' && operator === 'Exists') return '*';
  return value === '' ? `${key}:${effect}` : `${key}=${value}:${effect}`;
}
