import { describe } from 'vitest';
import type { Trouble } from './fault.ts';
import { patient } from './scene.ts';
import { add, BACKGROUND, beside, once, stage, taken } from './stage.ts';

describe.concurrent('somebody takes it away', () => {
  // Kubernetes looks every twenty seconds for pods that were deleted before they had a node, and then fails the Job: now and then in the two
  // seconds before Proctor names it, and then the contract has another message.
  beside('pod deleted while pending', {
    expected: {
      cause: 'pod-deleted',
      message: /^validation failed: pod-deleted: |^Job .* failed \(BackoffLimitExceeded\): .*pod not found/,
      evidence: /before it had a node|reached the specified backoff limit/,
    },
    make: async (scene) => {
      await scene.start({ cpu: '64' }, once);
      return taken(scene.podPath(await scene.pendingPod()));
    },
  });

  beside('pod deleted while running', {
    expected: { cause: 'interrupted', message: /^interrupted: .*exit code 143/, evidence: /being deleted/ },
    make: async (scene) => {
      // Three attempts by default, but this one had started, and its entry does not say that it may run again.
      await scene.start({ script: patient(120, 143) });
      return taken(scene.podPath(await scene.runningPod()));
    },
  });

  beside('pod deleted, its validator handles SIGTERM and exits 0', {
    expected: { cause: 'interrupted', message: /^interrupted: .*exit code 0/, evidence: /being deleted/ },
    make: async (scene) => {
      await scene.start({ script: patient(120, 0) });
      return taken(scene.podPath(await scene.runningPod()));
    },
  });

  // The contract has a message for a Job whose pod is still there, and one for a pod that is gone: which it is, the garbage collector decides.
  beside('Job deleted while its pod is pending', {
    expected: {
      cause: 'job-deleted',
      message: /Job was deleted before reaching terminal state|^pod never reached running state$/,
    },
    make: async (scene) => {
      await scene.start({ cpu: '64' }, once);
      await scene.pendingPod();
      return taken(scene.jobPath(await scene.job()), BACKGROUND);
    },
  });

  beside('Job deleted while running', {
    expected: { cause: 'job-deleted', message: /Job was deleted before reaching terminal state/ },
    make: async (scene) => {
      await scene.start({ script: patient(120, 143) });
      await scene.runningPod();
      return taken(scene.jobPath(await scene.job()), BACKGROUND);
    },
  });

  // With foreground deletion the Job is there until its pod has ended, so the pod's end is seen.
  beside('Job deleted in the foreground while running, its validator handles SIGTERM and exits 0', {
    expected: { cause: 'interrupted', message: /^interrupted: .*exit code 0/, evidence: /being deleted/ },
    make: async (scene) => {
      await scene.start({ script: patient(120, 0) });
      await scene.runningPod();
      return taken(scene.jobPath(await scene.job()), { propagationPolicy: 'Foreground' });
    },
  });

  // A kubelet that is slow to look finds the container it has ended gone, and says 137 for what it cannot know (seen on a busy machine).
  beside('evicted by its kubelet, exit code 0', {
    expected: {
      cause: 'evicted',
      message: /exit code (0|137)\)/,
      evidence: /EmptyDir volume "extra" exceeds the limit/i,
    },
    make: async (scene) => {
      await scene.inject('pods', () => [
        add('/spec/volumes/-', { name: 'extra', emptyDir: { sizeLimit: '1Mi' } }),
        add('/spec/containers/0/volumeMounts/-', { name: 'extra', mountPath: '/extra' }),
      ]);
      await scene.start({ script: `head -c 8388608 /dev/zero > /extra/full; ${patient(240, 0)}` });
      await scene.runningPod();
      return scene.toldAt('Evicted', /exceeds the limit/);
    },
  });

  beside('its pod’s own deadline, which somebody injected, exit code 0', {
    expected: { cause: 'interrupted', message: /exit code 0/, evidence: /DeadlineExceeded/ },
    make: async (scene) => {
      await scene.inject('pods', () => [add('/spec/activeDeadlineSeconds', 5)]);
      await scene.start({ script: patient(240, 0) });
      const pod = await scene.runningPod();
      return Date.parse(pod.metadata.creationTimestamp) + 5_000;
    },
  });

  beside('evicted by the API, exit code 143', evicted(143));
  beside('evicted by the API, exit code 0', evicted(0));
});

function evicted(exitCode: number): Trouble {
  return {
    expected: { cause: 'evicted', message: new RegExp(`exit code ${exitCode}`), evidence: /Eviction API: evicting/ },
    make: async (scene) => {
      await scene.start({ script: patient(120, exitCode) });
      const pod = await scene.runningPod();
      const began = Date.now();
      const { name, namespace } = pod.metadata;
      await stage.kube.create(`${scene.podPath(pod)}/eviction`, {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
      });
      return began;
    },
  };
}
