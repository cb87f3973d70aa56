import { CATALOG, EXTENSION_PREFIX, type Fields, type Kind } from './catalog-fields.ts';

/**
 * Warns about each unknown field. AICR ignores unknown fields, so that a catalog for a newer AICR still runs. Without a
 * warning, a misspelt field would go unnoticed.
 * @param document a catalog in which `checkCatalog` found no fault.
 */
export function unknownFields(document: unknown, path: string): string[] {
  return unknownIn(document, CATALOG, path);
}

function unknownIn(value: unknown, kind: Kind, path: string): string[] {
  if (kind.kind === 'list')
    return Array.isArray(value) ? value.flatMap((item, i) => unknownIn(item, kind.of, `${path}[${i}]`)) : [];
  if (kind.kind !== 'record' || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const field = Object.hasOwn(kind.fields, name) ? kind.fields[name] : undefined;
    if (field !== undefined) return unknownIn(member, field, `${path}.${name}`);
    return kind === CATALOG && name.startsWith(EXTENSION_PREFIX) ? [] : [warning(`${path}.${name}`, kind.fields)];
  });
}

function warning(path: string, known: Fields): string {
  return `${path}: unknown field, ignored (known: ${Object.keys(known).join(', ')})`;
}
