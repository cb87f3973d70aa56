/** AICR_TOLERATIONS: how tolerations reach the inner workloads (contract.md, section 4; `serializeTolerations`). */
import type { Toleration } from '../../kubernetes/types.ts';

export function encodeTolerations(tolerations: readonly Toleration[]): string {
  return tolerations.map(encodeToleration).join(',');
}

/** `*` for "every taint", which loses an effect; else `key=value:Effect` with a value and `key:Effect` without. */
function encodeToleration(toleration: Toleration): string {
  const { key = '', operator = '', value = '', effect = '' } = toleration;
  if (key === '' && operator === 'Exists') return '*';
  return value === '' ? `${key}:${effect}` : `${key}=${value}:${effect}`;
}
