import { describe, expect, it } from 'vitest';
import { parseCatalog } from '../../../src/aicr/catalog/catalog.ts';
import { checkRequest } from '../../../src/run/plan/check-request.ts';
import { environmentOf, fromSecrets, secretsInClear, unusedForwards } from '../../../src/run/plan/forward.ts';
import { planJob } from '../../../src/run/plan/run-plan.ts';
import type { JobSettings } from '../../../src/run/plan/validate-cluster-request.ts';

const ref = { secretKeyRef: { name: 'hf', key: 'token' } };
const TOKEN = 'hf_abcdefghijklmnop';

function environment(name: string, settings: JobSettings, env: object[] = []) {
  const { validators } = parseCatalog({ validators: [{ name, phase: 'performance', image: 'img:1', env }] });
  const [entry] = validators;
  if (entry === undefined) throw new Error('no entry');
  const marks = { installation: 'i', workflowId: 'w', workflowRunId: 'r' };
  const run = { namespace: 'ns', runId: 'run', marks };
  const { job } = planJob({ run, anchor: { name: 'a', uid: 'u' }, entry, settings, attempt: 1 });
  return job.spec.template.spec.containers[0]?.env?.slice(7);
}

describe('forwarded variables', () => {
  it('reach the validators that AICR gives them to, in its order and form; the token by reference', () => {
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

  it('are not in a catalog’s hand', () => {
    expect(environment('inference-perf', { forward: { HF_TOKEN: ref } }, [{ name: 'HF_TOKEN', value: '' }])).toEqual([
      { name: 'HF_TOKEN', valueFrom: ref },
    ]);
  });

  it('render no token in clear text, whoever asks', () => {
    const settings = { forward: { HF_TOKEN: TOKEN } } as unknown as JobSettings;
    expect(() => environment('inference-perf', settings)).toThrow(/is a secret.*secretKeyRef/);
  });
});

describe('a secret in clear text', () => {
  const catalog = { inline: { validators: [{ name: 'a', phase: 'deployment', image: 'img:1' }] } };

  it('is refused with what to do, and never shown', () => {
    const inEnv = { ...catalog.inline.validators[0], env: [{ name: 'HF_TOKEN', value: TOKEN }] };
    const faults = checkRequest({
      cluster: 'local',
      catalog: { inline: { validators: [inEnv] } },
      forward: { HF_TOKEN: TOKEN },
    });
    expect(faults.map(({ path }) => path)).toEqual([
      'request.forward.HF_TOKEN',
      'request.catalog.inline.validators[0].env[0].value',
    ]);
    for (const { message } of faults) expect(message).toMatch(/revoke.*create secret generic.*secretKeyRef/);
    expect(JSON.stringify(faults)).not.toContain(TOKEN);
  });

  it('is not shown either where it stands in a wrong field', () => {
    const wrong = [
      { secretKeyRef: { name: `${TOKEN}_X`, key: 'key' } },
      { secretKeyRef: { name: 'hf', key: `${TOKEN} ` } },
      [TOKEN],
      { secretKeyRef: TOKEN },
    ];
    for (const HF_TOKEN of wrong) {
      const faults = checkRequest({ cluster: 'local', catalog, forward: { HF_TOKEN } });
      expect(faults).not.toEqual([]);
      expect(JSON.stringify(faults)).not.toContain(TOKEN);
    }
  });

  it('is found in any place, also of a malformed request', () => {
    expect(
      secretsInClear({ catalog: { inline: [{ env: [{ value: TOKEN, name: 'HF_TOKEN' }] }] } }, 'request'),
    ).toMatchObject([{ path: 'request.catalog.inline[0].env[0].value' }]);
    expect(secretsInClear({ componentRefs: [{ overrides: { env: { HF_TOKEN: TOKEN } } }] }, 'request')).toHaveLength(1);
    expect(secretsInClear({ forward: { HF_TOKEN: ref }, a: [{ name: 'HF_TOKEN', value: '' }] }, 'request')).toEqual([]);
    expect(secretsInClear(undefined, 'request')).toEqual([]);
  });
});

it.each([
  [null],
  [{}],
  [{ secretKeyRef: {} }],
  [{ secretKeyRef: { name: 'hf' } }],
  [{ secretKeyRef: { key: 'token' } }],
  [{ secretKeyRef: { name: 1, key: 'token' } }],
  [{ secretKeyRef: { name: 'hf', key: 1 } }],
  [{ secretKeyRef: { name: 'HF', key: 'token' } }],
  [{ secretKeyRef: { name: 'hf', key: 'a/b' } }],
  [{ secretKeyRef: { name: 'hf', key: 'token', optional: true } }],
  [{ ...ref, value: 'x' }],
])('a token is no other than a reference to a key of a Secret: %j', (given) => {
  const request = { cluster: 'c', catalog: { file: 'x' }, forward: { HF_TOKEN: given } };
  expect(checkRequest(request)).toEqual([
    {
      path: 'request.forward.HF_TOKEN',
      message:
        'must be {"secretKeyRef": {"name", "key"}}, with the name of a Secret and a key of it, and no other field',
    },
  ]);
});

it('the renderer sees that there is a token, and never the token', () => {
  expect(environmentOf({ HF_TOKEN: ref, AICR_NCCL_FABRIC: 'efa' })).toEqual({
    HF_TOKEN: 'in a Secret',
    AICR_NCCL_FABRIC: 'efa',
  });
  let thrown: unknown;
  try {
    environmentOf({ HF_TOKEN: TOKEN } as never);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: 'INVALID_REQUEST' });
  expect(String(thrown)).toMatch(/forward\.HF_TOKEN is a secret/);
  expect(String(thrown)).not.toContain(TOKEN);
});

it('only the token’s variable is read from the Secret, in every container that has it', () => {
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
  expect(fromSecrets(job, { HF_TOKEN: ref }).spec.template.spec.containers).toStrictEqual([
    { name: 'bare' },
    {
      name: 'v',
      env: [
        { name: 'HF_TOKEN', valueFrom: ref },
        { name: 'B', value: '2' },
      ],
    },
  ]);
  expect(fromSecrets(job, {})).toBe(job);
});

it('a variable is in use where any of its takers runs, and else its takers are named', () => {
  const forward = { AICR_NCCL_RUNTIME_IMAGE: 'x' };
  expect(unusedForwards(forward, ['nccl-all-reduce-bw'])).toEqual([]);
  expect(unusedForwards(forward, ['other'])).toEqual([
    'request.forward.AICR_NCCL_RUNTIME_IMAGE: no validator of this run takes it; it is for nccl-all-reduce-bw, nccl-all-reduce-bw-net, nccl-all-reduce-bw-nvls',
  ]);
});
