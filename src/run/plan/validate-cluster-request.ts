/**
 * The schema of `validateCluster`'s one argument. The types, the error messages, `schema/request.json` and the tables
 * of docs/request.md are derived from it. Workflow code imports its types only, and loads the schema when it checks a
 * request: zod costs each workflow that evaluates it 0.9 MB of heap (bench/workflow-cost.ts).
 */
import { z } from 'zod';
import { PHASES } from '../../aicr/phase.ts';
import { DEFAULT_GRACES, type Graces } from '../ending/graces.ts';
import { MAX_ATTEMPTS } from '../ending/retry-rules.ts';
import {
  checkedBy,
  dnsLabel,
  document,
  duration,
  type Exact,
  mapOf,
  matching,
  wholeNumber,
} from '../schema/field-kinds.ts';
import { inlineCatalogFaults, inlineTextFaults } from './inline-sources.ts';
import { isSecretRef, type SecretRef, secretRefAdvice } from './secret-ref.ts';

const MAX_PARALLELISM = 100;
const MAX_KEEP_FOR = '720h';
const MAX_CLEANUP_TIMEOUT = '24h';

/**
 * What docs and editors say about a field. @param more `byDefault`: the default as text, and `see`: the heading of
 * docs/request.md that says more.
 */
function field<S extends z.ZodType>(schema: S, description: string, more: { byDefault?: string; see?: string } = {}) {
  return schema.optional().meta({ description, ...more });
}

const configMap = z.strictObject({
  name: dnsLabel('a ConfigMap'),
  key: z.string(),
  namespace: dnsLabel('a namespace').optional(),
});

const SOURCE_KEYS = 'inline, file, configMap';

/** An object whose one key says what kind of source it is. */
function source<S extends z.ZodType>(inline: S) {
  return mapOf(z.string(), z.unknown())
    .refine((given) => Object.keys(given).length === 1, {
      error: `must have exactly one of ${SOURCE_KEYS}`,
      abort: true,
    })
    .pipe(
      z.union([z.strictObject({ inline }), z.strictObject({ file: z.string() }), z.strictObject({ configMap })], {
        error: `is not a field; the fields are ${SOURCE_KEYS}`,
      }),
    );
}

const catalogSource = source(checkedBy(inlineCatalogFaults).meta({ refersTo: 'catalog.json' }));
const textSource = source(z.string().superRefine(addFaults(inlineTextFaults)));

function addFaults(check: (text: string) => string[]) {
  return (text: string, context: z.core.$RefinementCtx) => {
    for (const message of check(text)) context.addIssue({ code: 'custom', message, input: text, continue: false });
  };
}

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: z.string().optional(),
  effect: z.string().optional(),
  tolerationSeconds: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
});

const componentRef = z.strictObject({
  name: z.string(),
  namespace: z.string().optional(),
  overrides: z.record(z.string(), z.unknown()).optional(),
});

const secretRef = z.custom<SecretRef>(isSecretRef, { error: ({ input }) => secretRefAdvice(input) }).meta({
  type: 'object',
  properties: {
    secretKeyRef: {
      type: 'object',
      properties: { name: { type: 'string' }, key: { type: 'string' } },
      required: ['name', 'key'],
      additionalProperties: false,
    },
  },
  required: ['secretKeyRef'],
  additionalProperties: false,
});

export const forwardSchema = z.strictObject({
  HF_TOKEN: field(secretRef, "For `inference-perf`: a Secret of the run's namespace and a key in it"),
  AICR_REQUIRE_SCOPED_INFERENCE_GATEWAY: field(z.string(), 'For `inference-gateway`'),
  AICR_NCCL_FABRIC: field(z.string(), 'For `nccl-all-reduce-bw-net`'),
  AICR_NCCL_RUNTIME_IMAGE: field(
    z.string(),
    "For `nccl-all-reduce-bw`, `-net` and `-nvls`; the worker's policy for images applies to it",
  ),
  AICR_INFERENCE_PERF_NO_CLEANUP: field(z.string(), 'For `inference-perf`; a true value is passed on as `1`'),
});

/** What each grace is for; its default is in `DEFAULT_GRACES`. */
const GRACES: Record<keyof Graces, string> = {
  imagePull: 'The image does not exist or access to it is denied',
  imagePullTransient: 'The registry is rate limiting, slow or failing',
  unschedulable: 'No node accepts the pod',
  configError: 'A ConfigMap, Secret or key is missing',
  createRefused: 'The API server refuses the pod: a quota, a webhook, a policy',
  nodeLost: "The pod's node is not Ready",
  clusterUnreachable:
    'The API server does not answer. The Job keeps running, and its verdict can be read once the API server answers again',
};

export const gracesSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(GRACES).map(([name, description]) => [
      name,
      field(duration(), description, { byDefault: `\`${shortDuration(DEFAULT_GRACES[name as keyof Graces])}\`` }),
    ]),
  ) as Record<keyof Graces, ReturnType<typeof field<ReturnType<typeof duration>>>>,
);

/** Whole minutes or hours, as a person writes them. */
function shortDuration(ms: number): string {
  const minutes = ms / 60_000;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}

export const cleanupSchema = z.strictObject({
  run: field(
    z.enum(['always', 'on-success', 'never']),
    "When to remove the run's data and results: `always`, only `on-success`, or `never`",
    { byDefault: '`always`' },
  ),
  jobs: field(
    z.enum(['always', 'on-success', 'never']),
    'When to remove a Job that has ended, with its pods and their logs: `always`, only `on-success` of its own validator, or `never`',
    {
      byDefault: 'the same as `run`',
    },
  ),
  keepFor: field(
    duration({ most: MAX_KEEP_FOR }),
    `How long the sweep leaves kept objects on the cluster, at most ${MAX_KEEP_FOR}`,
    { byDefault: '`168h`' },
  ),
  timeout: field(
    duration({ most: MAX_CLEANUP_TIMEOUT }),
    `How long cleanup may take before the run closes and names what is left, at most ${MAX_CLEANUP_TIMEOUT}`,
    { byDefault: '`30m`' },
  ),
});

const checks = z.strictObject(
  Object.fromEntries(PHASES.map((phase) => [phase, z.array(z.string()).optional()])) as Record<
    (typeof PHASES)[number],
    z.ZodOptional<z.ZodArray<z.ZodString>>
  >,
);

/** The settings that are passed on to each Job: AICR's `Config`. */
const settings = {
  cliVersion: field(z.string(), "AICR's version, which resolves `:latest` images; passed on to validators"),
  cliCommit: field(z.string(), "AICR's commit, which resolves `:latest` images; passed on to validators"),
  imagePullSecrets: field(z.array(z.string()), 'Names of pull secrets in the namespace', { byDefault: '`[]`' }),
  tolerations: field(
    z.array(toleration),
    'For the workloads that validators start; passed on by environment variable, as AICR does',
    { byDefault: '`[]`' },
  ),
  nodeSelector: field(
    mapOf(z.string(), z.string()),
    'For the workloads that validators start; passed on by environment variable, as AICR does',
    { byDefault: '`{}`' },
  ),
  imageRegistryOverride: field(z.string(), "Replaces the registry of every validator's image; passed on to validators"),
  imageTagOverride: field(z.string(), "Replaces the tag of every validator's image; passed on to validators"),
  componentRefs: field(
    z.array(componentRef),
    "Components of the recipe (`name`, `namespace`, `overrides`) that an entry's `dependencyAffinity` may name. If one is missing, disabled or has no namespace, the run is refused if the entry requires it, and warns if the entry only prefers it. The run also warns if a component has no pods on the cluster",
    { byDefault: '`[]`' },
  ),
  forward: field(forwardSchema, 'Variables for certain validators', { see: 'forwarded-variables' }),
};

export const requestSchema = document({
  cluster: dnsLabel('the name under which a worker serves the cluster').meta({
    description: 'The cluster to validate, by the name under which a worker serves it; required',
  }),
  catalog: catalogSource.meta({
    description:
      'The validators; required. One of `{"inline": {…}}`, `{"file": "path"}`, `{"configMap": {"name", "key", "namespace"?}}`',
    see: 'the-catalog',
  }),
  baseCatalog: field(
    catalogSource,
    'A catalog that `catalog` extends, given like `catalog`. An entry of `catalog` replaces the base entry of the same name in its place; entries with new names come last',
  ),
  namespace: field(dnsLabel('a namespace'), 'Namespace of the Jobs; created if it does not exist, never deleted', {
    byDefault: "the cluster's in the worker's clusters file, else `aicr-validation`",
  }),
  clusterRole: field(
    matching(/^[^\s/%*,]{1,253}$/, 'the name of a ClusterRole'),
    "The ClusterRole that validators get, if the worker's policy allows it",
    { byDefault: '`cluster-admin`' },
  ),
  phases: field(
    z.array(z.enum(PHASES)),
    `Which phases to run, always in this order: ${PHASES.map((phase) => `\`${phase}\``).join(', ')}`,
    { byDefault: 'all' },
  ),
  checks: field(
    checks,
    'The validators to run, by phase, as a recipe declares them: `{"deployment": ["operator-health"]}`. They run in the catalog\'s order, and a phase that declares none is left out. The request is refused if a name is not in the catalog, is in another phase, or is given twice',
    { byDefault: 'all' },
  ),
  skipChecks: field(
    z.array(z.string()),
    'Validators of the catalog that do not run and are reported as skipped. The request is refused if a name is unknown, or if a phase has no validator left. A name that would not run anyway is a warning',
    { byDefault: '`[]`' },
  ),
  failFast: field(z.boolean(), 'Skip the phases after one with a failed or other result', { byDefault: '`false`' }),
  parallelism: field(
    wholeNumber(1, MAX_PARALLELISM),
    `How many validators of a phase may run at once, 1 to ${MAX_PARALLELISM}`,
    { byDefault: '`8`' },
  ),
  attempts: field(
    wholeNumber(1, MAX_ATTEMPTS),
    `How many Jobs a validator may have, the first included, if the infrastructure ends them; 1 to ${MAX_ATTEMPTS}`,
    { byDefault: '`3`', see: 'attempts' },
  ),
  graces: field(gracesSchema, 'How long a problem may last before a validator ends with it, as durations', {
    see: 'graces',
  }),
  cleanup: field(cleanupSchema, 'What is removed at the end, what is kept and for how long', {
    byDefault: 'everything is removed but the reports',
    see: 'cleanup',
  }),
  snapshot: field(
    textSource,
    'What validators find at `/data/snapshot/snapshot.yaml`: `inline` text, `file` or `configMap`',
    {
      byDefault: 'an empty document',
    },
  ),
  validation: field(
    textSource,
    'What validators find at `/data/validation/validation.yaml`: `inline` text, `file` or `configMap`',
    { byDefault: 'an empty document' },
  ),
  runId: field(
    matching(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/, 'at most 40 lower-case letters, digits and hyphens'),
    'Identifier of the run, in labels and names; at most 40 lower-case letters, digits and hyphens. The run is refused if objects of another run with this id exist',
    { byDefault: 'UTC time and 16 hex digits' },
  ),
  ...settings,
  version: field(z.literal(1), 'Version of this format', { byDefault: '`1`' }),
});

/**
 * The one argument of `validateCluster`; docs/request.md describes each field. `checkRequest` checks it before anything
 * else happens.
 */
export type ValidateClusterRequest = Exact<z.infer<typeof requestSchema>>;

/** The orchestrator-wide settings of AICR's `Config` that are passed on to each Job. */
export type JobSettings = Pick<ValidateClusterRequest, keyof typeof settings>;

/** Where a text comes from: inline, a file that the worker can read, or a key of a ConfigMap on the cluster. */
export type TextSource = Exact<z.infer<typeof textSource>>;

/** Where a catalog comes from: an inline document, or a file or ConfigMap with its YAML. */
export type CatalogSource = Exact<z.infer<typeof catalogSource>>;

/** The variables that AICR passes on from its own environment; the token by reference only. */
export type Forward = Exact<z.infer<typeof forwardSchema>>;

/** When to remove what a run made; durations are Go's. */
export type CleanupRequest = Exact<z.infer<typeof cleanupSchema>>;
