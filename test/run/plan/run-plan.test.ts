import { expect, it } from 'vitest';
import { parseCatalog } from '../../../src/aicr/catalog/catalog.ts';
import { asFirstRunId, asRunId, asWorkflowId } from '../../../src/run/ids.ts';
import { jsonBytes, MAX_PLAN_BYTES } from '../../../src/run/plan/budgets.ts';
import { planRun } from '../../../src/run/plan/run-plan.ts';
import { selectValidators } from '../../../src/run/plan/selection.ts';
import type { ValidateClusterRequest } from '../../../src/run/plan/validate-cluster-request.ts';

const entry = (name: string, phase = 'deployment', more: object = {}) => ({ name, phase, image: 'img:1', ...more });

function planned(entries: object[], more: Partial<ValidateClusterRequest> = {}) {
  const request: ValidateClusterRequest = { cluster: 'lab', catalog: { inline: {} }, ...more };
  return { request, phases: selectValidators(parseCatalog({ validators: entries }), request), warnings: ['careful'] };
}

it('lists the Jobs in the order of the phases and the catalog, without skipped validators', () => {
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

it('explains every placeholder that its Jobs contain, and contains none once the run has begun', () => {
  const plan = planRun(planned([entry('a')]));
  const text = JSON.stringify(plan.jobs);
  expect(Object.keys(plan.placeholders)).toHaveLength(5);
  for (const placeholder of Object.keys(plan.placeholders)) expect(text).toContain(placeholder);
  expect(text.match(/planned-[a-z-]+/g)?.filter((found) => !(found in plan.placeholders))).toEqual([]);

  const run = {
    runId: asRunId('r1'),
    marks: { installation: 'i', workflowId: asWorkflowId('w'), workflowRunId: asFirstRunId('wr') },
  };
  const begun = planRun({ ...planned([entry('a')]), run, anchor: { name: 'proctor-r1', uid: 'uid-1' } });
  expect(begun.placeholders).toEqual({});
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'proctor-r1', uid: 'uid-1' };
  expect(begun.jobs[0]?.metadata.ownerReferences).toMatchObject([owner]);
});

it('plans the same request the same way twice', () => {
  const again = () => JSON.stringify(planRun(planned([entry('a'), entry('b')], { runId: 'mine' })));
  expect(again()).toBe(again());
  expect(JSON.parse(again()).placeholders).not.toHaveProperty('planned-run-id');
});

it('stays within 512 KiB and counts the Jobs that it leaves out', () => {
  const fits = planRun(planned(Array.from({ length: 20 }, (_, i) => entry(`v${i}`))));
  expect(fits).toMatchObject({ omitted: 0 });
  const large = Array.from({ length: 30 }, (_, i) => entry(`v${i}`, 'deployment', { args: ['ü'.repeat(20_000)] }));
  const plan = planRun(planned(large));
  expect(jsonBytes(plan)).toBeLessThanOrEqual(MAX_PLAN_BYTES);
  expect(jsonBytes(plan)).toBeGreaterThan(MAX_PLAN_BYTES - 50_000);
  expect(plan.jobs.length + plan.omitted).toBe(30);
});

it('fills its 512 KiB to the byte, except for the reserved bytes', () => {
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
