/** A catalog's fields; of a list those of its items, and null where whatever is inside is a value. */
interface Known {
  readonly [field: string]: Known | null;
}

const KNOWN: Known = {
  apiVersion: null,
  kind: null,
  metadata: { name: null, version: null },
  validators: {
    name: null,
    phase: null,
    description: null,
    image: null,
    timeout: null,
    args: null,
    env: { name: null, value: null },
    resources: { cpu: null, memory: null },
    dependencyAffinity: { componentRef: null, podLabelSelector: null, requirement: null, topologyKey: null },
    exclusive: null,
    rerunnable: null,
  },
};

/**
 * A warning for each field that nothing reads. AICR ignores them (contract.md, section 11), so a catalog written for a newer one runs; but a
 * field that is misspelt is not set, and nobody would notice.
 * @param document a catalog that `checkCatalog` has found no fault with.
 */
export function unknownFields(document: unknown, path: string, known = KNOWN): string[] {
  if (Array.isArray(document)) return document.flatMap((item, i) => unknownFields(item, `${path}[${i}]`, known));
  if (typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([name, value]) => {
    const inner = Object.hasOwn(known, name) ? known[name] : undefined;
    if (inner === undefined)
      return [`${path}.${name}: unknown field, ignored (known: ${Object.keys(known).join(', ')})`];
    return inner === null ? [] : unknownFields(value, `${path}.${name}`, inner);
  });
}
