/** The fields of a catalog's validator as a Markdown table, for docs/writing-a-validator.md. */
import { CATALOG, describeField, type Field, type Fields, type Kind } from '../src/aicr/catalog/catalog-fields.ts';

const HEAD = ['field', 'type', 'what it is', 'default'];

export function catalogFieldsTable(): string {
  const rows = [HEAD, ...rowsOf(CATALOG.fields.validators.of.fields, '')].map((cells) => `| ${cells.join(' | ')} |`);
  return rows
    .toSpliced(1, 0, `|${'---|'.repeat(HEAD.length)}`)
    .join('\n')
    .replaceAll('|  |', '| |');
}

/** A row for each field, and for each field of the mappings that it holds. */
function rowsOf(fields: Fields, prefix: string): string[][] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    return [[`\`${path}\``, typeOf(field), describeField(field), defaultOf(field)], ...innerRows(field, path)];
  });
}

function innerRows(kind: Kind, path: string): string[][] {
  if (kind.kind === 'list') return innerRows(kind.of, `${path}[]`);
  return kind.kind === 'record' ? rowsOf(kind.fields, `${path}.`) : [];
}

function typeOf(kind: Kind): string {
  if (kind.kind === 'list') return `list of ${kind.of.kind === 'record' ? 'mappings' : `${kind.of.kind}s`}`;
  if (kind.kind === 'text' && kind.oneOf !== undefined) return kind.oneOf.map((value) => `\`${value}\``).join(', ');
  return kind.kind === 'record' ? 'mapping' : kind.kind;
}

function defaultOf({ required, default: value }: Field): string {
  if (required === true) return 'required';
  if (value === undefined) return '';
  return value === '' ? 'empty' : `\`${value}\``;
}
