import { describe } from 'vitest';
import { until } from '../harness.ts';
import { forbid } from './policy.ts';
import { fullQuota } from './quota.ts';
import { add, beside, container, once, stage } from './stage.ts';

describe.concurrent('its container is never made', () => {
  beside('image missing', {
    expected: {
      cause: 'image-pull',
      message: /^validation failed: image-pull: /,
      evidence: /not found/,
      graceMs: 5_000,
    },
    make: async (scene) => {
      await scene.start(
        { image: stage.registry.reference(`missing/${scene.validator}`) },
        { graces: { imagePull: '5s' } },
      );
      return scene.toldAt('Failed', /not found/);
    },
  });

  beside('image that may not be had (403)', {
    expected: {
      cause: 'image-pull',
      message: /^validation failed: image-pull: /,
      evidence: /403 Forbidden/,
      graceMs: 5_000,
    },
    make: async (scene) => {
      stage.registry.refuse(`secret/${scene.validator}`, 403);
      await scene.start(
        { image: stage.registry.reference(`secret/${scene.validator}`) },
        { graces: { imagePull: '5s' } },
      );
      return scene.toldAt('Failed', /403/);
    },
  });

  beside('registry answers 429 for good', {
    expected: {
      cause: 'image-pull',
      message: /429 Too Many Requests/,
      evidence: /429 Too Many Requests/,
      graceMs: 8_000,
    },
    make: async (scene) => {
      const repository = `limited/${scene.validator}`;
      stage.registry.refuse(repository, 429);
      const graces = { imagePull: '1s', imagePullTransient: '8s' };
      await scene.start({ image: stage.registry.reference(repository) }, { ...once, graces });
      return scene.toldAt('Failed', /429/);
    },
  });

  beside('registry answers 429, then serves', {
    expected: { cause: 'completed', status: 'passed' },
    make: async (scene) => {
      const repository = `limited/${scene.validator}`;
      const image = stage.registry.push(repository, ['/bin/sh']);
      stage.registry.refuse(repository, 429);
      await scene.start({ image }, { graces: { imagePull: '3s' } });
      const failedMs = await scene.toldAt('Failed', /429/);
      // Longer than an image that is not there would have been given.
      await until('the grace of a missing image is over', async () => Date.now() > failedMs + 5_000);
      stage.registry.refuse(repository, undefined);
      return undefined;
    },
  });

  beside('more CPU than any node has', {
    expected: {
      cause: 'unschedulable',
      message: /^validation failed: unschedulable: /,
      evidence: /Insufficient cpu/,
      graceMs: 5_000,
    },
    make: async (scene) => {
      await scene.start({ cpu: '64' }, { graces: { unschedulable: '5s' } });
      const { status } = await scene.pendingPod();
      return Date.parse(status.conditions?.find(({ type }) => type === 'PodScheduled')?.lastTransitionTime ?? '');
    },
  });

  beside('key missing in a ConfigMap', {
    expected: {
      cause: 'config-error',
      message: /^validation failed: config-error: /,
      evidence: /couldn't find key nowhere/,
      graceMs: 5_000,
    },
    make: async (scene) => {
      await stage.kube.create(`/api/v1/namespaces/${scene.namespace}/configmaps`, { metadata: { name: 'settings' } });
      const valueFrom = { configMapKeyRef: { name: 'settings', key: 'nowhere' } };
      await scene.inject('pods', () => [add('/spec/containers/0/env/-', { name: 'SETTING', valueFrom })]);
      await scene.start({}, { graces: { configError: '5s' } });
      return scene.toldAt('Failed', /couldn't find key/);
    },
  });

  beside('ConfigMap of a volume missing', {
    expected: {
      cause: 'config-error',
      message: /^validation failed: config-error: /,
      evidence: /configmap "nowhere" not found/,
      graceMs: 12_000,
    },
    make: async (scene) => {
      await scene.inject('pods', () => [
        add('/spec/volumes/-', { name: 'extra', configMap: { name: 'nowhere' } }),
        add('/spec/containers/0/volumeMounts/-', { name: 'extra', mountPath: '/extra' }),
      ]);
      await scene.start({}, { graces: { configError: '12s' } });
      return scene.toldAt('FailedMount', /not found/);
    },
  });

  beside('ResourceQuota', {
    expected: {
      cause: 'create-refused',
      message: /^pod never reached running state$/,
      evidence: /exceeded quota: full/,
      graceMs: 12_000,
    },
    make: async (scene) => {
      await fullQuota(scene);
      await scene.start({}, { ...once, graces: { createRefused: '12s' } });
      return scene.toldAt('FailedCreate', /exceeded quota/);
    },
  });

  beside('ValidatingAdmissionPolicy', {
    expected: {
      cause: 'create-refused',
      message: /^pod never reached running state$/,
      evidence: /no pods on a Sunday/,
      graceMs: 12_000,
    },
    make: async (scene) => {
      await forbid(scene, 'pods', 'no pods on a Sunday');
      await scene.start({}, { graces: { createRefused: '12s' } });
      return scene.toldAt('FailedCreate', /no pods on a Sunday/);
    },
  });

  beside('kubelet refuses a pod that was bound past the scheduler', {
    expected: { cause: 'admission-refused', evidence: /OutOfcpu/ },
    make: async (scene) => {
      const { name: nodeName } = await stage.node();
      await scene.inject('pods', () => [add('/spec/nodeName', nodeName)]);
      await scene.start({ cpu: '64' }, once);
      return scene.toldAt('OutOfcpu', /cpu/);
    },
  });

  beside('injected init container fails', {
    expected: { cause: 'init-failed', evidence: /init container mesh-init ended with exit code 3: no way out/ },
    make: async (scene) => {
      const init = container('mesh-init', 'echo no way out > /dev/termination-log; exit 3');
      await scene.inject('pods', () => [add('/spec/initContainers', [init])]);
      await scene.start({});
      const failed = await scene.pod('the pod has failed', ({ status }) => status.phase === 'Failed');
      return Date.parse(failed.status.initContainerStatuses?.[0]?.state.terminated?.finishedAt ?? '');
    },
  });
});
