import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { clusterSchema, clustersSchema } from '../src/config/clusters-schema.ts';
import { catalogJsonSchema } from '../src/run/plan/catalog-schema.ts';
import { policySchema } from '../src/run/plan/policy-schema.ts';
import { cleanupSchema, forwardSchema, gracesSchema, requestSchema } from '../src/run/plan/validate-cluster-request.ts';
import { catalogFieldsTable } from './catalog-table.ts';

/** The generated files by path from the project's root: whole JSON Schemas, and docs with their tables replaced. */
export function generated(root: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, { title, schema }] of Object.entries(SCHEMAS))
    files.set(`schema/${name}.json`, `${JSON.stringify(jsonSchema(name, title, schema), null, 2)}\n`);
  files.set('schema/catalog.json', `${JSON.stringify(catalogJsonSchema(), null, 2)}\n`);
  for (const { file, marker, table } of tables()) {
    const text = files.get(file) ?? readFileSync(`${root}${file}`, 'utf8');
    files.set(file, withTable(file, text, marker, table));
  }
  return files;
}

const SCHEMAS: Record<string, { title: string; schema: z.ZodType }> = {
  request: { title: "Proctor: a request, the input of the workflow 'validateCluster'", schema: requestSchema },
  policy: { title: "Proctor: a worker's policy (PROCTOR_POLICY_FILE)", schema: policySchema },
  clusters: { title: 'Proctor: the clusters that a worker serves (PROCTOR_CLUSTERS_FILE)', schema: clustersSchema },
};

type JsonSchema = Record<string, unknown>;

function jsonSchema(name: string, title: string, schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    unrepresentable: 'any',
    override: ({ jsonSchema: of }) => forEditors(of as JsonSchema),
  }) as JsonSchema;
  return { $schema, $id: `${name}.json`, title, ...rest };
}

/** Moves the default that docs show into the description, and removes links into the docs. */
function forEditors(schema: JsonSchema): void {
  const { byDefault, description, refersTo } = schema;
  if (byDefault !== undefined) schema.description = `${String(description)}. Default: ${String(byDefault)}`;
  if (refersTo !== undefined) schema.$ref = refersTo;
  delete schema.refersTo;
  delete schema.byDefault;
  delete schema.see;
}

interface Table {
  file: string;
  /** The table is between `<!-- MARKER: generated -->` and `<!-- /MARKER -->`. */
  marker: string;
  table: string;
}

function tables(): Table[] {
  const file = 'docs/request.md';
  return [
    { file, marker: 'fields', table: fieldsTable('field', requestSchema) },
    { file, marker: 'forward', table: fieldsTable('name in `forward`', forwardSchema) },
    { file, marker: 'graces', table: fieldsTable('grace', gracesSchema) },
    { file, marker: 'cleanup', table: fieldsTable('field', cleanupSchema) },
    { file: 'docs/operating.md', marker: 'clusters', table: fieldsTable('field', clusterSchema) },
    { file: 'docs/writing-a-validator.md', marker: 'fields', table: catalogFieldsTable() },
  ];
}

/** A row for each field with a description. The field `$schema`, which is for editors, has none. */
function fieldsTable(heading: string, schema: z.ZodObject): string {
  const rows = Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([name, field]) => {
    const { description, byDefault = '', see } = field.meta() ?? {};
    if (description === undefined) return [];
    const more = typeof see === 'string' ? ` ([more](#${see}))` : '';
    return [`| \`${name}\` | ${description}${more} | ${String(byDefault)} |`.replaceAll('|  |', '| |')];
  });
  return [`| ${heading} | what it is | default |`, '|---|---|---|', ...rows].join('\n');
}

function withTable(file: string, text: string, marker: string, table: string): string {
  const between = new RegExp(`(<!-- ${marker}: generated -->\n)[\\s\\S]*?(\n<!-- /${marker} -->)`);
  if (!between.test(text)) throw new Error(`${file} has no place for the generated table ${marker}`);
  return text.replace(between, (_, open: string, close: string) => `${open}${table}${close}`);
}
