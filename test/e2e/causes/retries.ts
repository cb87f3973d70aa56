import { describe, expect } from 'vitest';
import { release, UNTIL_RELEASED, until } from '../harness.ts';
import { createFullQuota } from './quota.ts';
import { add, concurrentFault, deleteObject, stage } from './stage.ts';

describe.concurrent('faults that are retried, and a verdict that is not', () => {
  concurrentFault('pod deleted while running, rerunnable', {
    expected: { cause: 'completed', status: 'passed', jobs: 2 },
    inject: async (scene) => {
      await scene.start({ script: `trap 'exit 143' TERM; ${UNTIL_RELEASED}`, rerunnable: true });
      const first = await scene.runningPod();
      const began = await deleteObject(scene.podPath(first));
      await until('another pod runs', async () => (await scene.runningPod()).metadata.uid !== first.metadata.uid);
      await release(`aicr.run/validator=${scene.validator}`, scene.namespace);
      return began;
    },
    verify: (_scene, test) => {
      const attempt = { attempt: 1, status: 'other', message: expect.stringMatching(/^interrupted: /) };
      expect(test).toMatchObject({ retries: 1, flaky: true, retryAttempts: [attempt], extra: { attempts: '2' } });
    },
  });

  concurrentFault('pod deleted while pending, not rerunnable', {
    expected: { cause: 'completed', status: 'passed', jobs: 2 },
    inject: async (scene) => {
      const nowhere = add('/spec/nodeSelector', { nowhere: 'yes' });
      await scene.mutate('pods', (number) => (number === 1 ? [nowhere] : []));
      await scene.start({});
      return deleteObject(scene.podPath(await scene.pendingPod()));
    },
    verify: (_scene, test) => {
      const attempt = { attempt: 1, status: 'other', message: expect.stringMatching(/^pod-deleted/) };
      expect(test).toMatchObject({ retries: 1, flaky: true, retryAttempts: [attempt] });
    },
  });

  concurrentFault('quota full at first', {
    expected: { cause: 'completed', status: 'passed', jobs: 2, graceMs: 6_000 },
    inject: async (scene) => {
      const quota = await createFullQuota(scene);
      await scene.start({}, { graces: { createRefused: '6s' } });
      const began = await scene.eventAt('FailedCreate', /exceeded quota/);
      await until('the first attempt was named', () => scene.namedAt());
      await stage.kube.delete(quota);
      return began;
    },
    verify: (_scene, test) => {
      expect(test).toMatchObject({
        retryAttempts: [{ message: expect.stringMatching(/^create-refused: .*exceeded quota/) }],
      });
    },
  });

  concurrentFault('verdict that is not retried, though rerunnable', {
    expected: { cause: 'completed', status: 'failed', jobs: 1 },
    inject: async (scene) => {
      await scene.start({ script: 'exit 1', rerunnable: true });
      return undefined;
    },
  });
});
