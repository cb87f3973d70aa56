import { describe, expect } from 'vitest';
import { forbidCreation } from './policy.ts';
import { sleepScript } from './scene.ts';
import { add, addVolume, concurrentFault, stage } from './stage.ts';

/** Replaces the Job's deadline, which by AICR's contract is at least three and a half minutes. */
const JOB_MS = 10_000;

describe.concurrent('causes of a validator that has no verdict although nothing removed it', () => {
  concurrentFault('volume that cannot be mounted, for a reason that only the kubelet knows', {
    expected: { cause: 'never-started', message: /^pod never reached running state$/, graceMs: JOB_MS, jobs: 1 },
    inject: async (scene) => {
      await scene.mutate('pods', () => addVolume({ hostPath: { path: '/no/such/folder', type: 'Directory' } }));
      await scene.start({});
      const job = await scene.job();
      await stage.kube.patch(scene.jobPath(job), { spec: { activeDeadlineSeconds: JOB_MS / 1000 } });
      return Date.parse(job.metadata.creationTimestamp);
    },
  });

  concurrentFault('queued (scheduling gate) until its Job’s deadline', {
    expected: { cause: 'completed', status: 'passed', jobs: 2 },
    inject: async (scene) => {
      const gate = add('/spec/schedulingGates', [{ name: 'proctor.test/closed' }]);
      await scene.mutate('pods', (number) => (number === 1 ? [gate] : []));
      await scene.start({});
      const job = await scene.job();
      await stage.kube.patch(scene.jobPath(job), { spec: { activeDeadlineSeconds: JOB_MS / 1000 } });
      return Date.parse(job.metadata.creationTimestamp) + JOB_MS;
    },
    verify: (_scene, test) => {
      const attempt = { attempt: 1, status: 'other', message: expect.stringMatching(/^queued/) };
      expect(test).toMatchObject({ retries: 1, retryAttempts: [attempt] });
    },
  });

  concurrentFault('ValidatingAdmissionPolicy refuses its Job', {
    expected: { cause: 'deploy-failed', message: /^failed to deploy Job: .*no Jobs on a Sunday/, jobs: 0 },
    inject: async (scene) => {
      await forbidCreation(scene, 'jobs', 'no Jobs on a Sunday');
      await scene.start({});
      await scene.result();
      return scene.scheduledAt('deployJob');
    },
  });

  concurrentFault('validator cancelled alone, its run continues', {
    expected: { cause: 'cancelled', message: /^cancelled: / },
    inject: async (scene) => {
      await scene.start({ script: sleepScript(600, 143) });
      await scene.runningPod();
      const began = Date.now();
      await scene.cancel();
      return began;
    },
  });
});
