import { describe } from 'vitest';
import type { Fault } from './fault.ts';
import { sleepScript } from './scene.ts';
import { add, addVolume, BACKGROUND, concurrentFault, deleteObject, oneAttempt, stage } from './stage.ts';

describe.concurrent('causes of a pod or Job that is removed', () => {
  // Every twenty seconds Kubernetes looks for pods that were deleted before they had a node, and fails their Jobs. If
  // that happens in the two seconds before Proctor names the cause, AICR's contract has another message.
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
      // A validator has three attempts by default, but this one had started and its entry is not `rerunnable`.
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

  // AICR's contract has one message if the pod still exists and another if it is gone. Which one applies depends on how
  // soon the garbage collector deletes the pod.
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

  // With foreground deletion the Job exists until its pod has ended, so Proctor sees the pod's end.
  concurrentFault('Job deleted in the foreground while running, validator exits 0 on SIGTERM', {
    expected: { cause: 'interrupted', message: /^interrupted: .*exit code 0/, evidence: /being deleted/ },
    inject: async (scene) => {
      await scene.start({ script: sleepScript(120, 0) });
      await scene.runningPod();
      return deleteObject(scene.jobPath(await scene.job()), { propagationPolicy: 'Foreground' });
    },
  });

  // A kubelet that looks late finds that the container it stopped is gone, and reports exit code 137 because it cannot
  // know the real one (seen on a busy machine).
  concurrentFault('evicted by its kubelet, exit code 0', {
    expected: {
      cause: 'evicted',
      message: /exit code (0|137)\)/,
      evidence: /EmptyDir volume "extra" exceeds the limit/i,
    },
    inject: async (scene) => {
      await scene.mutate('pods', () => addVolume({ emptyDir: { sizeLimit: '1Mi' } }));
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
