import { describe, expect, it } from 'vitest';
import { checkRequest } from '../../../src/run/plan/check-request.ts';
import { secretsInClear } from '../../../src/run/plan/clear-text-secrets.ts';

const ref = { secretKeyRef: { name: 'hf', key: 'token' } };

const TOKEN = 'hf_abcdefghijklmnop';

describe('a token in clear text', () => {
  const catalog = { inline: { validators: [{ name: 'a', phase: 'deployment', image: 'img:1' }] } };

  it('is refused with instructions and not shown', () => {
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

  it('is not shown by the fault of a value that contains it', () => {
    const secret = { HF_TOKEN: TOKEN, env: [{ name: 'HF_TOKEN', value: TOKEN }] };
    const variable = secret.env[0];
    const misplaced = { secretKeyRef: { name: 'hf', key: TOKEN } };
    for (const field of ['$schema', 'cluster', 'phases', 'tolerations', 'graces', 'parallelism', 'nodeSelector'])
      for (const value of [secret, variable, [variable]]) {
        const faults = checkRequest({ cluster: 'local', catalog, [field]: value });
        expect(faults).not.toEqual([]);
        expect(JSON.stringify(faults)).not.toContain(TOKEN);
      }
    for (const image of [variable, misplaced]) {
      const validators = [{ ...catalog.inline.validators[0], image }];
      expect(JSON.stringify(checkRequest({ cluster: 'local', catalog: { inline: { validators } } }))).not.toContain(
        TOKEN,
      );
    }
  });

  it('is not shown if it is in the wrong field', () => {
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

  it('is found anywhere, even in a malformed request', () => {
    expect(
      secretsInClear({ catalog: { inline: [{ env: [{ value: TOKEN, name: 'HF_TOKEN' }] }] } }, 'request'),
    ).toMatchObject([{ path: 'request.catalog.inline[0].env[0].value' }]);
    expect(secretsInClear({ componentRefs: [{ overrides: { env: { HF_TOKEN: TOKEN } } }] }, 'request')).toHaveLength(1);
    expect(secretsInClear({ forward: { HF_TOKEN: ref }, a: [{ name: 'HF_TOKEN', value: '' }] }, 'request')).toEqual([]);
    expect(secretsInClear(undefined, 'request')).toEqual([]);
  });
});
