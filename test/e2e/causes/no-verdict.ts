import { describe, expect } from 'vitest';
import { forbid } from './policy.ts';
import { patient } from './scene.ts';
import { add, beside, stage } from './stage.ts';

/** The contract gives a Job at least three and a half minutes. */
const JOB_MS = 10_000;

describe.concurrent('nobody took it away, and it has no verdict', () => {
  beside('volume that cannot be mounted, for a reason that only its kubelet knows', {
    expected: { cause: 'never-started', message: /^pod never reached running state$/, graceMs: JOB_MS, jobs: 1 },
    make: async (scene) => {
      await scene.inject('pods', () => [
        add('/spec/volumes/-', { name: 'extra', hostPath: { path: '/no/such/folder', type: 'Directory' } }),
        add('/spec/containers/0/volumeMounts/-', { name: 'extra', mountPath: '/extra' }),
      ]);
      await scene.start({});
      const job = await scene.job();
      await stage.kube.patch(scene.jobPath(job), { spec: { activeDeadlineSeconds: JOB_MS / 1000 } });
      return Date.parse(job.metadata.creationTimestamp);
    },
  });

  beside('queued (scheduling gate) until its Job’s time is up', {
    expected: { cause: 'completed', status: 'passed', jobs: 2 },
    make: async (scene) => {
      const gate = add('/spec/schedulingGates', [{ name: 'proctor.test/closed' }]);
      await scene.inject('pods', (number) => (number === 1 ? [gate] : []));
      await scene.start({});
      const job = await scene.job();
      await stage.kube.patch(scene.jobPath(job), { spec: { activeDeadlineSeconds: JOB_MS / 1000 } });
      return Date.parse(job.metadata.creationTimestamp) + JOB_MS;
    },
    also: (_scene, test) => {
      const attempt = { attempt: 1, status: 'other', message: expect.stringMatching(/^queued/) };
      expect(test).toMatchObject({ retries: 1, retryAttempts: [attempt] });
    },
  });

  beside('ValidatingAdmissionPolicy against its Job', {
    expected: { cause: 'deploy-failed', message: /^failed to deploy Job: .*no Jobs on a Sunday/, jobs: 0 },
    make: async (scene) => {
      await forbid(scene, 'jobs', 'no Jobs on a Sunday');
      await scene.start({});
      await scene.result();
      return scene.scheduledAt('deployJob');
    },
  });

  beside('cancelled alone, the run goes on', {
    expected: { cause: 'cancelled', message: /^cancelled: / },
    make: async (scene) => {
      await scene.start({ script: patient(600, 143) });
      await scene.runningPod();
      const began = Date.now();
      await scene.cancel();
      return began;
    },
  });
});
