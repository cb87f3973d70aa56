import { describe, expect, it } from 'vitest';
import { parseCatalog } from '../../../src/aicr/catalog/catalog.ts';
import { asFirstRunId, asRunId, asWorkflowId } from '../../../src/run/ids.ts';
import { forwardedEnvironment, unusedForwards, withSecretRefs } from '../../../src/run/plan/forwarded-environment.ts';
import { planJob } from '../../../src/run/plan/plan-job.ts';
import type { JobSettings } from '../../../src/run/plan/validate-cluster-request.ts';

const ref = { secretKeyRef: { name: 'hf', key: 'token' } };

const TOKEN = 'hf_abcdefghijklmnop';

function environment(name: string, settings: JobSettings, env: object[] = []) {
  const { validators } = parseCatalog({ validators: [{ name, phase: 'performance', image: 'img:1', env }] });
  const [entry] = validators;
  if (entry === undefined) throw new Error('no entry');
  const marks = { installation: 'i', workflowId: asWorkflowId('w'), workflowRunId: asFirstRunId('r') };
  const run = { namespace: 'ns', runId: asRunId('run'), marks };
  const { job } = planJob({ run, anchor: { name: 'a', uid: 'u' }, entry, settings, attempt: 1 });
  return job.spec.template.spec.containers[0]?.env?.slice(7);
}

describe('forwarded variables', () => {
  it('reach the validators that AICR gives them to, in AICR’s order and form, with the token by reference', () => {
    const forward = {
      AICR_INFERENCE_PERF_NO_CLEANUP: 'true',
      HF_TOKEN: ref,
      AICR_NCCL_FABRIC: 'efa',
      AICR_NCCL_RUNTIME_IMAGE: 'nccl:1',
    };
    expect(environment('inference-perf', { forward }, [{ name: 'LAST', value: 'x' }])).toEqual([
      { name: 'HF_TOKEN', valueFrom: ref },
      { name: 'AICR_INFERENCE_PERF_NO_CLEANUP', value: '1' },
      { name: 'LAST', value: 'x' },
    ]);
    expect(environment('nccl-all-reduce-bw-net', { forward })).toEqual([
      { name: 'AICR_NCCL_FABRIC', value: 'efa' },
      { name: 'AICR_NCCL_RUNTIME_IMAGE', value: 'nccl:1' },
    ]);
    expect(environment('other', { forward })).toEqual([]);
  });

  it('override a variable of the same name in a catalog', () => {
    expect(environment('inference-perf', { forward: { HF_TOKEN: ref } }, [{ name: 'HF_TOKEN', value: '' }])).toEqual([
      { name: 'HF_TOKEN', valueFrom: ref },
    ]);
  });

  it('are refused if the token is in clear text, even without checkRequest', () => {
    const settings = { forward: { HF_TOKEN: TOKEN } } as unknown as JobSettings;
    expect(() => environment('inference-perf', settings)).toThrow(/is a secret.*secretKeyRef/);
  });
});

it('tells the renderer that there is a token, but not which', () => {
  expect(forwardedEnvironment({ HF_TOKEN: ref, AICR_NCCL_FABRIC: 'efa' })).toEqual({
    HF_TOKEN: 'in a Secret',
    AICR_NCCL_FABRIC: 'efa',
  });
  let thrown: unknown;
  try {
    forwardedEnvironment({ HF_TOKEN: TOKEN } as never);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: 'INVALID_REQUEST' });
  expect(String(thrown)).toMatch(/forward\.HF_TOKEN is a secret/);
  expect(String(thrown)).not.toContain(TOKEN);
});

it('reads only the token’s variable from the Secret, in every container that has it', () => {
  const job = {
    metadata: {},
    spec: {
      template: {
        spec: {
          containers: [
            { name: 'bare' },
            {
              name: 'v',
              env: [
                { name: 'HF_TOKEN', value: 'x' },
                { name: 'B', value: '2' },
              ],
            },
          ],
        },
      },
    },
  } as never;
  expect(withSecretRefs(job, { HF_TOKEN: ref }).spec.template.spec.containers).toStrictEqual([
    { name: 'bare' },
    {
      name: 'v',
      env: [
        { name: 'HF_TOKEN', valueFrom: ref },
        { name: 'B', value: '2' },
      ],
    },
  ]);
  expect(withSecretRefs(job, {})).toBe(job);
});

it('warns about a forwarded variable that no validator takes and names those that would', () => {
  const forward = { AICR_NCCL_RUNTIME_IMAGE: 'x' };
  expect(unusedForwards(forward, ['nccl-all-reduce-bw'])).toEqual([]);
  expect(unusedForwards(forward, ['other'])).toEqual([
    'request.forward.AICR_NCCL_RUNTIME_IMAGE: no validator of this run takes it; it is for nccl-all-reduce-bw, nccl-all-reduce-bw-net, nccl-all-reduce-bw-nvls',
  ]);
});
