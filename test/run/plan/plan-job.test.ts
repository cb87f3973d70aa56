import { expect, it } from 'vitest';
import { parseCatalog } from '../../../src/aicr/catalog/catalog.ts';
import { asFirstRunId, asRunId, asWorkflowId } from '../../../src/run/ids.ts';
import { imageOf, planJob } from '../../../src/run/plan/plan-job.ts';

const entry = (name: string, phase = 'deployment', more: object = {}) => ({ name, phase, image: 'img:1', ...more });

const job = (more: object = {}, settings = {}, attempt = 1, runId = 'r') => {
  const [only] = parseCatalog({ validators: [entry('a', 'deployment', more)] }).validators;
  if (only === undefined) throw new Error('no entry');
  const run = {
    namespace: 'ns',
    runId: asRunId(runId),
    marks: { installation: 'i', workflowId: asWorkflowId('w'), workflowRunId: asFirstRunId('wr') },
  };
  return planJob({ run, anchor: { name: 'anchor', uid: 'u' }, entry: only, settings, attempt }).job;
};

it('names a Job after its run, validator and attempt', () => {
  const names = [job(), job({ name: 'b' }), job({}, {}, 2), job({}, {}, 1, 'other')].map(
    ({ metadata }) => metadata.name?.slice(-8) ?? '',
  );
  expect(new Set(names).size).toBe(4);
  expect(job().metadata.name).toBe(job().metadata.name);
});

it('renders optional fields only if the request sets them', () => {
  const bare = job().spec.template.spec;
  expect(bare).not.toHaveProperty('imagePullSecrets');
  expect(bare.containers[0]?.image).toBe('img:1');
  const near = { dependencyAffinity: [{ componentRef: 'mine', podLabelSelector: { a: 'b' } }] };
  const asked = job(near, { imagePullSecrets: ['s'], componentRefs: [{ name: 'mine', namespace: 'n' }] });
  expect(asked.spec.template.spec.imagePullSecrets).toEqual([{ name: 's' }]);
  expect(asked.spec.template.spec.affinity?.podAffinity).toBeDefined();
});

it('leaves an image unchanged without version, commit or overrides', () => {
  expect(imageOf({ image: 'host/a/b:1' } as never, {})).toBe('host/a/b:1');
});
