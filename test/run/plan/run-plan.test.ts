import { expect, it } from 'vitest';
import { parseCatalog } from '../../../src/aicr/catalog/catalog.ts';
import { jsonBytes, MAX_PLAN_BYTES } from '../../../src/run/plan/budgets.ts';
import { imageOf, planJob, planRun, settingsFor } from '../../../src/run/plan/run-plan.ts';
import { selectValidators } from '../../../src/run/plan/selection.ts';
import type { ValidateClusterRequest } from '../../../src/run/plan/validate-cluster-request.ts';

const entry = (name: string, phase = 'deployment', more: object = {}) => ({ name, phase, image: 'img:1', ...more });

function planned(entries: object[], more: Partial<ValidateClusterRequest> = {}) {
  const request: ValidateClusterRequest = { cluster: 'lab', catalog: { inline: {} }, ...more };
  return { request, phases: selectValidators(parseCatalog({ validators: entries }), request), warnings: ['careful'] };
}

it('lists the Jobs in the order of phases and catalog, without those that are skipped', () => {
  const entries = [entry('p', 'performance'), entry('b'), entry('a'), entry('not')];
  const plan = planRun(planned(entries, { skipChecks: ['not'], namespace: 'ns', clusterRole: 'view' }));
  expect(plan).toMatchObject({
    cluster: 'lab',
    namespace: 'ns',
    clusterRole: 'view',
    warnings: ['careful'],
    omitted: 0,
  });
  expect(plan.jobs.map(({ metadata }) => metadata.labels?.['aicr.run/validator'])).toEqual(['b', 'a', 'p']);
});

it('has a named placeholder for whatever is known only once the run has begun, and no other', () => {
  const plan = planRun(planned([entry('a')]));
  const text = JSON.stringify(plan.jobs);
  expect(Object.keys(plan.placeholders)).toHaveLength(5);
  for (const placeholder of Object.keys(plan.placeholders)) expect(text).toContain(placeholder);
  expect(text.match(/planned-[a-z-]+/g)?.filter((found) => !(found in plan.placeholders))).toEqual([]);

  const run = { runId: 'r1', marks: { installation: 'i', workflowId: 'w', workflowRunId: 'wr' } };
  const begun = planRun({ ...planned([entry('a')]), run, anchor: { name: 'proctor-r1', uid: 'uid-1' } });
  expect(begun.placeholders).toEqual({});
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'proctor-r1', uid: 'uid-1' };
  expect(begun.jobs[0]?.metadata.ownerReferences).toMatchObject([owner]);
});

it('is the same every time', () => {
  const again = () => JSON.stringify(planRun(planned([entry('a'), entry('b')], { runId: 'mine' })));
  expect(again()).toBe(again());
  expect(JSON.parse(again()).placeholders).not.toHaveProperty('planned-run-id');
});

it('stays inside its budget, and counts what it leaves out', () => {
  const fits = planRun(planned(Array.from({ length: 20 }, (_, i) => entry(`v${i}`))));
  expect(fits).toMatchObject({ omitted: 0 });
  const large = Array.from({ length: 30 }, (_, i) => entry(`v${i}`, 'deployment', { args: ['ü'.repeat(20_000)] }));
  const plan = planRun(planned(large));
  expect(jsonBytes(plan)).toBeLessThanOrEqual(MAX_PLAN_BYTES);
  expect(jsonBytes(plan)).toBeGreaterThan(MAX_PLAN_BYTES - 50_000);
  expect(plan.jobs.length + plan.omitted).toBe(30);
});

it('gives each validator only what it needs of the components', () => {
  const needs = { componentRef: 'mine', podLabelSelector: { a: 'b' } };
  const [a, b] = parseCatalog({
    validators: [entry('a', 'deployment', { dependencyAffinity: [needs] }), entry('b')],
  }).validators;
  if (a === undefined || b === undefined) throw new Error('no entries');
  const overrides = { install: false, values: { much: 'text' } };
  const { request } = planned([], {
    cliVersion: 'v1',
    componentRefs: [{ name: 'mine', namespace: 'n', overrides }, { name: 'other' }],
  });
  expect(settingsFor(a, request)).toEqual({
    cliVersion: 'v1',
    componentRefs: [{ name: 'mine', namespace: 'n', overrides: { install: false } }],
  });
  expect(settingsFor(b, request)).toEqual({ cliVersion: 'v1' });
  const disabled = { ...request, componentRefs: [{ name: 'mine', overrides: { enabled: false, install: true } }] };
  expect(settingsFor(a, disabled).componentRefs).toStrictEqual([
    { name: 'mine', overrides: { enabled: false, install: true } },
  ]);
});

it('fills its budget to the byte, the digits of what is left out and one comma reserved', () => {
  const plan = (padding: number, jobs = 30) =>
    planRun(
      planned(
        Array.from({ length: jobs }, (_, i) =>
          entry(`v${i}`, 'deployment', { args: ['x'.repeat(i === 0 ? padding : 15_000)] }),
        ),
      ),
    );
  const RESERVED = 9;
  const room = MAX_PLAN_BYTES - RESERVED - jsonBytes(plan(0));
  const full = plan(room);
  expect(full).toMatchObject({ omitted: 0 });
  expect(jsonBytes(full)).toBe(MAX_PLAN_BYTES - RESERVED);
  const over = plan(room + 1);
  expect(over).toMatchObject({ omitted: 1 });
  expect(over.jobs).toHaveLength(29);
  expect(plan(MAX_PLAN_BYTES, 1)).toMatchObject({ omitted: 1, jobs: [] });
});

const job = (more: object = {}, settings = {}, attempt = 1, runId = 'r') => {
  const [only] = parseCatalog({ validators: [entry('a', 'deployment', more)] }).validators;
  if (only === undefined) throw new Error('no entry');
  const run = { namespace: 'ns', runId, marks: { installation: 'i', workflowId: 'w', workflowRunId: 'wr' } };
  return planJob({ run, anchor: { name: 'anchor', uid: 'u' }, entry: only, settings, attempt }).job;
};

it('gives each attempt of each validator of each run a Job of its own name', () => {
  const names = [job(), job({ name: 'b' }), job({}, {}, 2), job({}, {}, 1, 'other')].map(
    ({ metadata }) => metadata.name?.slice(-8) ?? '',
  );
  expect(new Set(names).size).toBe(4);
  expect(job().metadata.name).toBe(job().metadata.name);
});

it('renders nothing that was not asked for, and what was', () => {
  const bare = job().spec.template.spec;
  expect(bare).not.toHaveProperty('imagePullSecrets');
  expect(bare.containers[0]?.image).toBe('img:1');
  const near = { dependencyAffinity: [{ componentRef: 'mine', podLabelSelector: { a: 'b' } }] };
  const asked = job(near, { imagePullSecrets: ['s'], componentRefs: [{ name: 'mine', namespace: 'n' }] });
  expect(asked.spec.template.spec.imagePullSecrets).toEqual([{ name: 's' }]);
  expect(asked.spec.template.spec.affinity?.podAffinity).toBeDefined();
});

it('leaves an image as it is where nothing says otherwise', () => {
  expect(imageOf({ image: 'host/a/b:1' } as never, {})).toBe('host/a/b:1');
});
