import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIELD_MANAGER } from '../../src/aicr/constants.ts';
import { renderJob } from '../../src/aicr/job/manifest.ts';
import type { Job } from '../../src/kubernetes/types.ts';
import { decorate } from '../../src/run/decorate.ts';
import { asFirstRunId, asWorkflowId } from '../../src/run/ids.ts';
import { differences } from '../aicr/golden/difference.ts';
import { jobPlan } from '../aicr/golden/jobs.ts';
import { kubectl, uniqueId } from './harness.ts';

const GOLDEN = fileURLToPath(new URL('../golden/', import.meta.url));

/** Cases that AICR renders and Kubernetes refuses, with the API server's message. */
const REFUSED: Record<string, RegExp> = {
  'job-resources-override-zero-negative': /Invalid value: "-1Gi": must be greater than or equal to 0/,
};

/**
 * JSON that the API server rewrites without changing its meaning: it omits an empty value, and rounds CPU up to a
 * thousandth, its smallest unit. It would rewrite AICR's Job in the same way.
 */
const REWRITTEN: [string, string][] = [
  [',"value":""', ''],
  ['"cpu":"100u"', '"cpu":"1m"'],
];

interface Rendered {
  name: string;
  job: Job;
}

let folder: string;
const rendered = renderedCases();
const accepted = rendered.filter(({ name }) => !(name in REFUSED));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proctor-golden-'));
  await kubectl('apply', '--server-side', '-f', file('namespace.json', namespace('aicr-validation')));
});

/** The Jobs that our code renders for the golden cases. A case that ends in an error has none. */
function renderedCases(): Rendered[] {
  const files = readdirSync(GOLDEN).filter((name) => name.startsWith('job-'));
  return files.toSorted().flatMap((name) => {
    const golden = JSON.parse(readFileSync(join(GOLDEN, name), 'utf8'));
    if (golden.output.job === undefined) return [];
    return [{ name: name.replace('.json', ''), job: renderJob(jobPlan(golden.input)).job }];
  });
}

const UUID = '3f2b8a52-5d0e-4d43-9c5b-8f0d0a1f6c11';

function decorated(job: Job, owner = UUID): Job {
  const validator = job.metadata.labels?.['aicr.run/validator'] ?? '';
  const marks = {
    installation: UUID,
    workflowId: asWorkflowId('nightly/a b'),
    workflowRunId: asFirstRunId(UUID),
    validator,
    attempt: 1,
  };
  return decorate(job, marks, { name: 'anchor', uid: owner });
}

function namespace(name: string) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

function apply(path: string, ...more: string[]): Promise<string> {
  const how = ['--server-side', '--force-conflicts', `--field-manager=${FIELD_MANAGER}`, '-o', 'json'];
  return kubectl('apply', ...how, ...more, '-f', path);
}

/** The Job that the API server would store, with its defaults. */
async function dryRun(job: Job): Promise<Job> {
  return JSON.parse(await apply(file('job.json', job), '--dry-run=server'));
}

/** The fields of `whole` that `part` has too. Drops what the API server added and keeps what it changed. */
function cutTo(part: unknown, whole: unknown): unknown {
  if (Array.isArray(part) && Array.isArray(whole))
    return whole.map((item, index) => (index < part.length ? cutTo(part[index], item) : item));
  if (!isRecord(part) || !isRecord(whole)) return whole;
  return Object.fromEntries(Object.keys(part).map((key) => [key, cutTo(part[key], whole[key])]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The differences between our Job and the one that the API server stores, apart from {@link REWRITTEN}. */
function changes(job: Job, stored: Job): string[] {
  const ours = REWRITTEN.reduce((json, [from, to]) => json.replaceAll(from, to), JSON.stringify(job));
  return differences(JSON.parse(ours), cutTo(JSON.parse(ours), stored));
}

describe('the API server', () => {
  it('receives every golden Job', () => {
    expect(rendered.length).toBeGreaterThanOrEqual(35);
    for (const name of Object.keys(REFUSED)) expect(rendered.map((golden) => golden.name)).toContain(name);
  });

  it.each(accepted)('accepts $name unchanged, both as rendered and as decorated', async ({ job }) => {
    expect(changes(job, await dryRun(job))).toEqual([]);
    expect(changes(decorated(job), await dryRun(decorated(job)))).toEqual([]);
  });

  it.each(rendered.filter(({ name }) => name in REFUSED))(
    'refuses $name, as it would refuse AICR’s Job',
    async ({ name, job }) => {
      await expect(dryRun(job)).rejects.toThrow(REFUSED[name]);
    },
  );
});

describe('a second apply', () => {
  const own = uniqueId('golden-jobs');

  afterAll(async () => {
    await kubectl('delete', 'namespace', own, '--wait=false', '--ignore-not-found');
  });

  it('leaves the generation of every golden Job as it was', async () => {
    await kubectl('create', 'namespace', own);
    // The garbage collector deletes a Job at once if its owner does not exist.
    const { uid } = JSON.parse(await kubectl('create', 'configmap', 'anchor', '-n', own, '-o', 'json')).metadata;
    // All Jobs share one namespace, so each gets its own name. They are suspended, since only the API server's answer
    // matters here and no node has to run them.
    const jobs = accepted.map(({ name, job }, index) => {
      const { metadata, spec, ...rest } = decorated(job, uid);
      const meta = {
        ...metadata,
        name: `golden-${index}`,
        namespace: own,
        annotations: { ...metadata.annotations, case: name },
      };
      return { ...rest, metadata: meta, spec: { ...spec, suspend: true } };
    });
    const list = file('all.json', { apiVersion: 'v1', kind: 'List', items: jobs });
    const generations = (answer: string) =>
      JSON.parse(answer).items.map(
        ({ metadata }: Job) => `${metadata.annotations?.case} ${metadata.uid} ${metadata.generation}`,
      );
    const first = generations(await apply(list));
    expect(first).toHaveLength(accepted.length);
    expect(generations(await apply(list))).toEqual(first);
  });
});
