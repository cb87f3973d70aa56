import { describe, expect } from 'vitest';
import { release, UNTIL_RELEASED, until } from '../harness.ts';
import { fullQuota } from './quota.ts';
import { add, beside, stage, taken } from './stage.ts';

describe.concurrent('it is tried again, or is not', () => {
  beside('interrupted, but rerunnable', {
    expected: { cause: 'completed', status: 'passed', jobs: 2 },
    make: async (scene) => {
      await scene.start({ script: `trap 'exit 143' TERM; ${UNTIL_RELEASED}`, rerunnable: true });
      const first = await scene.runningPod();
      const began = await taken(scene.podPath(first));
      await until('another runs', async () => (await scene.runningPod()).metadata.uid !== first.metadata.uid);
      await release(`aicr.run/validator=${scene.validator}`, scene.namespace);
      return began;
    },
    also: (_scene, test) => {
      const attempt = { attempt: 1, status: 'other', message: expect.stringMatching(/^interrupted: /) };
      expect(test).toMatchObject({ retries: 1, flaky: true, retryAttempts: [attempt], extra: { attempts: '2' } });
    },
  });

  beside('pending pod deleted, not rerunnable', {
    expected: { cause: 'completed', status: 'passed', jobs: 2 },
    make: async (scene) => {
      const nowhere = add('/spec/nodeSelector', { nowhere: 'yes' });
      await scene.inject('pods', (number) => (number === 1 ? [nowhere] : []));
      await scene.start({});
      return taken(scene.podPath(await scene.pendingPod()));
    },
    also: (_scene, test) => {
      const attempt = { attempt: 1, status: 'other', message: expect.stringMatching(/^pod-deleted/) };
      expect(test).toMatchObject({ retries: 1, flaky: true, retryAttempts: [attempt] });
    },
  });

  beside('quota full at first', {
    expected: { cause: 'completed', status: 'passed', jobs: 2, graceMs: 6_000 },
    make: async (scene) => {
      const quota = await fullQuota(scene);
      await scene.start({}, { graces: { createRefused: '6s' } });
      const began = await scene.toldAt('FailedCreate', /exceeded quota/);
      await until('the first attempt was named', () => scene.namedAt());
      await stage.kube.delete(quota);
      return began;
    },
    also: (_scene, test) => {
      expect(test).toMatchObject({
        retryAttempts: [{ message: expect.stringMatching(/^create-refused: .*exceeded quota/) }],
      });
    },
  });

  beside('verdict, though rerunnable', {
    expected: { cause: 'completed', status: 'failed', jobs: 1 },
    make: async (scene) => {
      await scene.start({ script: 'exit 1', rerunnable: true });
      return undefined;
    },
  });
});
