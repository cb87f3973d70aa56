import { describe } from 'vitest';
import type { Fault } from './fault.ts';
import { sleepScript } from './scene.ts';
import { add, BACKGROUND, concurrentFault, deleteObject, oneAttempt, stage } from './stage.ts';

describe.concurrent('somebody takes it away', () => {
  // Kubernetes looks every twenty seconds for pods that were deleted before they had a node, and then fails the Job: now and then in the two
  // seconds before Proctor names it, and then the contract has another message.
  concurrentFault('pod deleted while pending', {
    expected: {
      cause: 'pod-deleted',
      message: /^validation failed: pod-deleted: |^Job .* failed \(BackoffLimitExceeded\): .*pod not found/,
      evidence: /before it had a node|reached the specified backoff limit/,
    },
    inject: async (scene) => {
      await scene.start({ cpu: '64' }, oneAttempt);
      return deleteObject(scene.podPath(await scene.pendingPod()));
    },
  });

  concurrentFault('pod deleted while running', {
    expected: { cause: 'interrupted', message: /^interrupted: .*exit code 143/, evidence: /being deleted/ },
    inject: async (scene) => {
      // Three attempts by default, but this one had started, and its entry does not say that it may run again.
      await scene.start({ script: sleepScript(120, 143) });
      return deleteObject(scene.podPath(await scene.runningPod()));
    },
  });

  concurrentFault('pod deleted while running, validator exits 0 on SIGTERM', {
    expected: { cause: 'interrupted', message: /^interrupted: .*exit code 0/, evidence: /being deleted/ },
    inject: async (scene) => {
      await scene.start({ script: sleepScript(120, 0) });
      return deleteObject(scene.podPath(await scene.runningPod()));
    },
  });

  // The contract has a message for a Job whose pod is still there, and one for a pod that is gone: which it is, the garbage collector decides.
  concurrentFault('Job deleted while its pod is pending', {
    expected: {
      cause: 'job-deleted',
      message: /Job was deleted before reaching terminal state|^pod never reached running state$/,
    },
    inject: async (scene) => {
      await scene.start({ cpu: '64' }, oneAttempt);
      await scene.pendingPod();
      return deleteObject(scene.jobPath(await scene.job()), BACKGROUND);
    },
  });

  concurrentFault('Job deleted while running', {
    expected: { cause: 'job-deleted', message: /Job was deleted before reaching terminal state/ },
    inject: async (scene) => {
      await scene.start({ script: sleepScript(120, 143) });
      await scene.runningPod();
      return deleteObject(scene.jobPath(await scene.job()), BACKGROUND);
    },
  });

  // With foreground deletion the Job is there until its pod has ended, so the pod's end is seen.
  concurrentFault('Job deleted in the foreground while running, validator exits 0 on SIGTERM', {
    expected: { cause: 'interrupted', message: /^interrupted: .*exit code 0/, evidence: /being deleted/ },
    inject: async (scene) => {
      await scene.start({ script: sleepScript(120, 0) });
      await scene.runningPod();
      return deleteObject(scene.jobPath(await scene.job()), { propagationPolicy: 'Foreground' });
    },
  });

  // A kubelet that is slow to look finds the container it has ended gone, and says 137 for what it cannot know (seen on a busy machine).
  concurrentFault('evicted by its kubelet, exit code 0', {
    expected: {
      cause: 'evicted',
      message: /exit code (0|137)\)/,
      evidence: /EmptyDir volume "extra" exceeds the limit/i,
    },
    inject: async (scene) => {
      await scene.mutate('pods', () => [
        add('/spec/volumes/-', { name: 'extra', emptyDir: { sizeLimit: '1Mi' } }),
        add('/spec/containers/0/volumeMounts/-', { name: 'extra', mountPath: '/extra' }),
      ]);
      await scene.start({ script: `head -c 8388608 /dev/zero > /extra/full; ${sleepScript(240, 0)}` });
      await scene.runningPod();
      return scene.eventAt('Evicted', /exceeds the limit/);
    },
  });

  concurrentFault('injected deadline of the pod exceeded, exit code 0', {
    expected: { cause: 'interrupted', message: /exit code 0/, evidence: /DeadlineExceeded/ },
    inject: async (scene) => {
      await scene.mutate('pods', () => [add('/spec/activeDeadlineSeconds', 5)]);
      await scene.start({ script: sleepScript(240, 0) });
      const pod = await scene.runningPod();
      return Date.parse(pod.metadata.creationTimestamp) + 5_000;
    },
  });

  concurrentFault('evicted by the API, exit code 143', evicted(143));
  concurrentFault('evicted by the API, exit code 0', evicted(0));
});

function evicted(exitCode: number): Fault {
  return {
    expected: { cause: 'evicted', message: new RegExp(`exit code ${exitCode}`), evidence: /Eviction API: evicting/ },
    inject: async (scene) => {
      await scene.start({ script: sleepScript(120, exitCode) });
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
