import { describe } from 'vitest';
import { until } from '../harness.ts';
import { forbidCreation } from './policy.ts';
import { createFullQuota } from './quota.ts';
import { add, addVolume, concurrentFault, container, oneAttempt, stage } from './stage.ts';

describe.concurrent('causes of a container that is never created', () => {
  concurrentFault('image missing', {
    expected: {
      cause: 'image-pull',
      message: /^validation failed: image-pull: /,
      evidence: /not found/,
      graceMs: 5_000,
    },
    inject: async (scene) => {
      await scene.start(
        { image: stage.registry.reference(`missing/${scene.validator}`) },
        { graces: { imagePull: '5s' } },
      );
      return scene.eventAt('Failed', /not found/);
    },
  });

  concurrentFault('image that may not be pulled (403)', {
    expected: {
      cause: 'image-pull',
      message: /^validation failed: image-pull: /,
      evidence: /403 Forbidden/,
      graceMs: 5_000,
    },
    inject: async (scene) => {
      stage.registry.refuse(`secret/${scene.validator}`, 403);
      await scene.start(
        { image: stage.registry.reference(`secret/${scene.validator}`) },
        { graces: { imagePull: '5s' } },
      );
      return scene.eventAt('Failed', /403/);
    },
  });

  concurrentFault('registry always answers 429', {
    expected: {
      cause: 'image-pull',
      message: /429 Too Many Requests/,
      evidence: /429 Too Many Requests/,
      graceMs: 8_000,
    },
    inject: async (scene) => {
      const repository = `limited/${scene.validator}`;
      stage.registry.refuse(repository, 429);
      const graces = { imagePull: '1s', imagePullTransient: '8s' };
      await scene.start({ image: stage.registry.reference(repository) }, { ...oneAttempt, graces });
      return scene.eventAt('Failed', /429/);
    },
  });

  concurrentFault('registry answers 429, then serves', {
    expected: { cause: 'completed', status: 'passed' },
    inject: async (scene) => {
      const repository = `limited/${scene.validator}`;
      const image = stage.registry.push(repository, ['/bin/sh']);
      stage.registry.refuse(repository, 429);
      await scene.start({ image }, { graces: { imagePull: '3s' } });
      const failedMs = await scene.eventAt('Failed', /429/);
      // Wait longer than Proctor waits for an image that does not exist.
      await until('the grace of a missing image is over', async () => Date.now() > failedMs + 5_000);
      stage.registry.refuse(repository, undefined);
      return undefined;
    },
  });

  concurrentFault('more CPU than any node has', {
    expected: {
      cause: 'unschedulable',
      message: /^validation failed: unschedulable: /,
      evidence: /Insufficient cpu/,
      graceMs: 5_000,
    },
    inject: async (scene) => {
      await scene.start({ cpu: '64' }, { graces: { unschedulable: '5s' } });
      const { status } = await scene.pendingPod();
      return Date.parse(status.conditions?.find(({ type }) => type === 'PodScheduled')?.lastTransitionTime ?? '');
    },
  });

  concurrentFault('key missing in a ConfigMap', {
    expected: {
      cause: 'config-error',
      message: /^validation failed: config-error: /,
      evidence: /couldn't find key nowhere/,
      graceMs: 5_000,
    },
    inject: async (scene) => {
      await stage.kube.create(`/api/v1/namespaces/${scene.namespace}/configmaps`, { metadata: { name: 'settings' } });
      const valueFrom = { configMapKeyRef: { name: 'settings', key: 'nowhere' } };
      await scene.mutate('pods', () => [add('/spec/containers/0/env/-', { name: 'SETTING', valueFrom })]);
      await scene.start({}, { graces: { configError: '5s' } });
      return scene.eventAt('Failed', /couldn't find key/);
    },
  });

  concurrentFault('ConfigMap of a volume missing', {
    expected: {
      cause: 'config-error',
      message: /^validation failed: config-error: /,
      evidence: /configmap "nowhere" not found/,
      graceMs: 12_000,
    },
    inject: async (scene) => {
      await scene.mutate('pods', () => addVolume({ configMap: { name: 'nowhere' } }));
      await scene.start({}, { graces: { configError: '12s' } });
      return scene.eventAt('FailedMount', /not found/);
    },
  });

  concurrentFault('ResourceQuota refuses its pod', {
    expected: {
      cause: 'create-refused',
      message: /^pod never reached running state$/,
      evidence: /exceeded quota: full/,
      graceMs: 12_000,
    },
    inject: async (scene) => {
      await createFullQuota(scene);
      await scene.start({}, { ...oneAttempt, graces: { createRefused: '12s' } });
      return scene.eventAt('FailedCreate', /exceeded quota/);
    },
  });

  concurrentFault('ValidatingAdmissionPolicy refuses its pod', {
    expected: {
      cause: 'create-refused',
      message: /^pod never reached running state$/,
      evidence: /no pods on a Sunday/,
      graceMs: 12_000,
    },
    inject: async (scene) => {
      await forbidCreation(scene, 'pods', 'no pods on a Sunday');
      await scene.start({}, { graces: { createRefused: '12s' } });
      return scene.eventAt('FailedCreate', /no pods on a Sunday/);
    },
  });

  concurrentFault('kubelet refuses a pod that was bound without the scheduler', {
    expected: { cause: 'admission-refused', evidence: /OutOfcpu/ },
    inject: async (scene) => {
      const { name: nodeName } = await stage.node();
      await scene.mutate('pods', () => [add('/spec/nodeName', nodeName)]);
      await scene.start({ cpu: '64' }, oneAttempt);
      return scene.eventAt('OutOfcpu', /cpu/);
    },
  });

  concurrentFault('injected init container fails', {
    expected: { cause: 'init-failed', evidence: /init container mesh-init ended with exit code 3: no way out/ },
    inject: async (scene) => {
      const init = container('mesh-init', 'echo no way out > /dev/termination-log; exit 3');
      await scene.mutate('pods', () => [add('/spec/initContainers', [init])]);
      await scene.start({});
      const failed = await scene.pod('the pod has failed', ({ status }) => status.phase === 'Failed');
      return Date.parse(failed.status.initContainerStatuses?.[0]?.state.terminated?.finishedAt ?? '');
    },
  });
});
