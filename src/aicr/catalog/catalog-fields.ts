/**
 * The fields of a catalog, in one table. Derived from it are:
 * - the TypeScript types,
 * - the decoding of parsed documents and of YAML,
 * - the warnings about unknown fields,
 * - Proctor's stricter checks,
 * - the JSON Schema, and the table in docs/writing-a-validator.md.
 *
 * Names and Go types are those of AICR's `pkg/validator/v1/catalog.go`.
 */
import {
  CATALOG_API_VERSION,
  CATALOG_KIND,
  DEFAULT_TOPOLOGY_KEY,
  VALIDATOR_DEFAULT_CPU,
  VALIDATOR_DEFAULT_MEMORY,
} from '../constants.ts';
import { PHASES } from '../phase.ts';

/** What a field may hold. */
export type Kind =
  | { kind: 'text'; goType?: string; oneOf?: readonly string[]; rule?: TextRuleName }
  | { kind: 'duration' | 'boolean' | 'labels' }
  | { kind: 'list'; of: Kind }
  | { kind: 'record'; goType: string; fields: Fields };

/** Proctor's rules for texts, defined in `run/plan/catalog-rules.ts`. AICR does not have them. */
export type TextRuleName = 'validator name' | 'image' | 'quantity' | 'variable name' | 'component' | 'resource class';

export type Field = Kind & {
  /** A phrase for the JSON Schema and the docs. */
  description: string;
  /** Proctor's checks refuse a catalog that lacks the field. */
  required?: true;
  /** An empty field is left out of a decoded catalog (Go's `omitempty`), instead of having the zero value. */
  omitEmpty?: true;
  /** The value that applies if the field is absent. */
  default?: string | boolean;
  /** AICR ignores the field. A decoded catalog has it only if the catalog gives it a value of the right kind. */
  proctorOnly?: true;
};

export interface Fields {
  readonly [name: string]: Field;
}

const ENV_VAR = {
  name: { kind: 'text', required: true, rule: 'variable name', description: 'Name of the variable' },
  value: { kind: 'text', description: 'Value, taken as it is written: 1.10 stays 1.10', default: '' },
} as const satisfies Fields;

const RESOURCES = {
  cpu: {
    kind: 'text',
    required: true,
    rule: 'quantity',
    description: `CPU request and limit, such as 500m. Without resources: ${VALIDATOR_DEFAULT_CPU}`,
  },
  memory: {
    kind: 'text',
    required: true,
    rule: 'quantity',
    description: `Memory request and limit, such as 64Mi. Without resources: ${VALIDATOR_DEFAULT_MEMORY}`,
  },
} as const satisfies Fields;

const DEPENDENCY = {
  componentRef: {
    kind: 'text',
    required: true,
    rule: 'component',
    description: "Name of the component in the request's componentRefs",
  },
  podLabelSelector: { kind: 'labels', required: true, description: "Labels of the component's pods" },
  requirement: {
    kind: 'text',
    goType: 'v1.DependencyRequirement',
    omitEmpty: true,
    oneOf: ['required', 'preferred'],
    description: 'Whether the validator must run near those pods, or only prefers to',
    default: 'preferred',
  },
  topologyKey: {
    kind: 'text',
    omitEmpty: true,
    description: 'Node label that defines what is near: all nodes with the same value',
    default: DEFAULT_TOPOLOGY_KEY,
  },
} as const satisfies Fields;

const VALIDATOR = {
  name: {
    kind: 'text',
    required: true,
    rule: 'validator name',
    description: "Unique name, also the test's name in the report: a DNS label of at most 49 characters",
  },
  phase: {
    kind: 'text',
    required: true,
    oneOf: PHASES,
    description: 'Phase in which the validator runs; the phases run in this order',
  },
  description: { kind: 'text', description: 'What the validator checks, for people', default: '' },
  image: {
    kind: 'text',
    required: true,
    rule: 'image',
    description: 'Container image, best with a fixed tag or a digest',
  },
  timeout: {
    kind: 'duration',
    description: 'How long the validator may run, as a Go duration such as 90s; the time starts with its container',
    default: '5m',
  },
  args: {
    kind: 'list',
    of: { kind: 'text' },
    omitEmpty: true,
    description: "Arguments of the image's entrypoint, each taken as it is written",
  },
  env: {
    kind: 'list',
    of: { kind: 'record', goType: 'v1.EnvVar', fields: ENV_VAR },
    omitEmpty: true,
    description: 'Environment variables',
  },
  resources: {
    kind: 'record',
    goType: 'v1.ResourceRequirements',
    fields: RESOURCES,
    omitEmpty: true,
    description: 'Resources of the container: both CPU and memory, or neither',
  },
  dependencyAffinity: {
    kind: 'list',
    of: { kind: 'record', goType: 'v1.DependencyAffinity', fields: DEPENDENCY },
    omitEmpty: true,
    description: 'Components whose pods the validator runs near',
  },
  exclusive: {
    kind: 'list',
    of: { kind: 'text', rule: 'resource class' },
    proctorOnly: true,
    description:
      'Resource classes that the validator must have to itself; [] for none. Without the field: none in the deployment phase, `cluster` in the others',
  },
  rerunnable: {
    kind: 'boolean',
    proctorOnly: true,
    description: 'Whether the validator may run again after an attempt that was lost after it started',
    default: false,
  },
} as const satisfies Fields;

const METADATA = {
  name: { kind: 'text', description: 'Name of the catalog' },
  version: { kind: 'text', description: 'Version of the catalog' },
} as const satisfies Fields;

const CATALOG_FIELDS = {
  apiVersion: {
    kind: 'text',
    omitEmpty: true,
    description: `${CATALOG_API_VERSION}; required if the catalog has metadata`,
  },
  kind: { kind: 'text', omitEmpty: true, description: `${CATALOG_KIND}; required if the catalog has metadata` },
  metadata: {
    kind: 'record',
    goType: 'v1.CatalogMetadata',
    fields: METADATA,
    omitEmpty: true,
    description: 'Name and version of the catalog',
  },
  validators: {
    kind: 'list',
    of: { kind: 'record', goType: 'v1.ValidatorEntry', fields: VALIDATOR },
    required: true,
    description: 'The validators',
  },
} as const satisfies Fields;

export const CATALOG = {
  kind: 'record',
  goType: 'v1.ValidatorCatalog',
  fields: CATALOG_FIELDS,
} as const satisfies Kind;

/** A root field with this prefix is ignored without a warning. It is a place for anchors, as in a Compose file. */
export const EXTENSION_PREFIX = 'x-';

/** A field's description for people, in one line. */
export function describeField({ description, proctorOnly }: Field): string {
  return proctorOnly === true ? `${description}. Proctor's own: AICR ignores it` : description;
}

/** The type of a decoded value of this kind. */
type ValueOf<K> = K extends { kind: 'record'; fields: infer F }
  ? RecordOf<F>
  : K extends { kind: 'list'; of: infer Item }
    ? ValueOf<Item>[]
    : K extends { kind: 'labels' }
      ? Record<string, string>
      : K extends { kind: 'boolean' }
        ? boolean
        : string;

type OptionalIn<F> = {
  [Name in keyof F]: F[Name] extends { omitEmpty: true } | { proctorOnly: true } ? Name : never;
}[keyof F];

type RecordOf<F> = { -readonly [Name in Exclude<keyof F, OptionalIn<F>>]: ValueOf<F[Name]> } & {
  -readonly [Name in OptionalIn<F>]?: ValueOf<F[Name]>;
};

/** A decoded catalog. */
export interface Catalog extends RecordOf<typeof CATALOG_FIELDS> {}

/** A decoded validator. Its timeout is in Go's canonical form; `0s` means the default. */
export interface ValidatorEntry extends RecordOf<typeof VALIDATOR> {}

/** A component whose pods a validator must or should run near. */
export interface DependencyAffinity extends RecordOf<typeof DEPENDENCY> {}
