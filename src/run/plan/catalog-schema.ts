/**
 * The JSON Schema of a catalog, for editors. It accepts what `checkCatalog` accepts, with three exceptions: it does not
 * see duplicate names, it accepts no null, and it accepts no unknown field except one with the prefix `x-`.
 */
import {
  CATALOG,
  describeField,
  EXTENSION_PREFIX,
  type Field,
  type Fields,
  type Kind,
} from '../../aicr/catalog/catalog-fields.ts';
import { CATALOG_API_VERSION, CATALOG_KIND } from '../../aicr/constants.ts';
import { DURATION_TERMS } from '../../aicr/go/duration.ts';
import { TEXT_RULES } from './catalog-rules.ts';

/** A Go duration that is not negative. */
const DURATION = `^\\+?(0|${DURATION_TERMS})$`;

export function catalogJsonSchema(): object {
  const header = { apiVersion: { const: CATALOG_API_VERSION }, kind: { const: CATALOG_KIND } };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'catalog.json',
    title: 'Proctor: a catalog of validators',
    ...recordSchema(CATALOG.fields),
    patternProperties: { [`^${EXTENSION_PREFIX}`]: { description: 'Ignored: a place for anchors' } },
    // Only a catalog with metadata is a separate file, which names its kind.
    if: { properties: { metadata: {} }, required: ['metadata'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { required: Object.keys(header), properties: header },
  };
}

function fieldSchema(field: Field): object {
  const { default: value } = field;
  return { description: describeField(field), ...kindSchema(field), ...(value !== undefined && { default: value }) };
}

function kindSchema(kind: Kind): object {
  switch (kind.kind) {
    case 'text':
      return textSchema(kind);
    case 'duration':
      return { type: 'string', pattern: DURATION };
    case 'boolean':
      return { type: 'boolean' };
    case 'labels':
      return { type: 'object', minProperties: 1, additionalProperties: { type: 'string' } };
    case 'list':
      return { type: 'array', items: kindSchema(kind.of) };
    case 'record':
      return recordSchema(kind.fields);
  }
}

/** A text without a rule may be written as a number or a boolean too, since its text is taken as it is written. */
function textSchema({ oneOf, rule: name }: Extract<Kind, { kind: 'text' }>): object {
  if (oneOf !== undefined) return { type: 'string', enum: oneOf };
  if (name === undefined) return { type: ['string', 'number', 'boolean'] };
  const { schema, unquoted } = TEXT_RULES[name];
  return { type: unquoted === true ? ['string', 'number'] : 'string', ...schema };
}

function recordSchema(fields: Fields): object {
  const required = Object.entries(fields).filter(([, field]) => field.required === true);
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)])),
    ...(required.length > 0 && { required: required.map(([name]) => name) }),
    additionalProperties: false,
  };
}
