import { describe, expect } from 'vitest';
import { until } from '../harness.ts';
import { sleepScript } from './scene.ts';
import { add, concurrentFault, container, stage } from './stage.ts';

describe.concurrent('causes of a container that started', () => {
  concurrentFault('bad entrypoint', {
    expected: { cause: 'start-error', evidence: /\/no\/such\/command/ },
    inject: async (scene) => {
      await scene.start({ image: stage.registry.push(`bad/${scene.validator}`, ['/no/such/command']) });
      return scene.eventAt('Failed', /\/no\/such\/command/);
    },
  });

  concurrentFault('out of memory', {
    expected: { cause: 'oom', message: /^Container OOMKilled$/ },
    inject: async (scene) => {
      await scene.start({ script: 'exec tail /dev/zero' });
      return undefined;
    },
  });

  concurrentFault('injected sidecar never ends', {
    expected: { cause: 'completed', status: 'failed', message: /^two nodes are missing$/, graceMs: 5_000 },
    inject: async (scene) => {
      await scene.mutate('pods', () => [add('/spec/containers/-', container('mesh', sleepScript(3600, 0)))]);
      await scene.start({ script: 'printf "two nodes are missing" > /dev/termination-log; exit 1' });
      return undefined;
    },
  });

  concurrentFault('no fault, image named by its digest', {
    expected: { cause: 'completed', status: 'passed' },
    inject: async (scene) => {
      const repository = `pinned/${scene.validator}`;
      stage.registry.push(repository, ['/bin/sh']);
      const script = `printf '##AICR-PROVENANCE## {"shippedDigest":"s","derivedDigest":"d"}\\n'`;
      await scene.start({ image: stage.registry.digestReference(repository), script });
      return undefined;
    },
    // Proctor withholds the provenance of an image without a digest (`cli.test.ts`).
    verify: (_scene, { extra }) =>
      expect(JSON.parse(String(extra?.runtimeProvenance))).toMatchObject({ shippedDigest: 's', derivedDigest: 'd' }),
  });

  concurrentFault('container renamed', {
    expected: { cause: 'contract-broken', message: /container "validator" not found/ },
    inject: async (scene) => {
      await scene.mutate('pods', () => [{ op: 'replace', path: '/spec/containers/0/name', value: 'checker' }]);
      await scene.start({});
      const ended = await scene.pod('the pod has ended', ({ status }) => status.phase === 'Succeeded');
      return Date.parse(ended.status.containerStatuses?.[0]?.state.terminated?.finishedAt ?? '');
    },
  });

  concurrentFault('Job suspended at first, resumed later', {
    expected: { cause: 'completed', status: 'passed' },
    inject: async (scene) => {
      await scene.mutate('jobs', () => [add('/spec/suspend', true)]);
      await scene.start({ script: 'sleep 2' });
      const job = await scene.job();
      await until(
        'it has been suspended for a while',
        async () => Date.now() > Date.parse(job.metadata.creationTimestamp) + 6_000,
      );
      await stage.kube.patch(scene.jobPath(job), { spec: { suspend: false } });
      return undefined;
    },
    verify: (_scene, { extra }) => {
      expect(Number(extra?.queuedMs)).toBeGreaterThanOrEqual(5_000);
      expect(Number(extra?.runningMs)).toBeGreaterThanOrEqual(1_000);
      // The two seconds of its script, and none of the six in which it was suspended.
      expect(Number(extra?.runningMs)).toBeLessThan(7_000);
    },
  });

  concurrentFault('Job suspended and resumed while it runs', {
    expected: { cause: 'completed', status: 'passed' },
    inject: async (scene) => {
      await scene.start({ script: sleepScript(6, 0) });
      const first = await scene.runningPod();
      const job = await scene.job();
      await stage.kube.patch(scene.jobPath(job), { spec: { suspend: true } });
      await until('its pod is gone', async () => (await scene.pods()).length === 0);
      await stage.kube.patch(scene.jobPath(job), { spec: { suspend: false } });
      const second = await scene.runningPod();
      expect(second.metadata.uid).not.toBe(first.metadata.uid);
      return undefined;
    },
    verify: (_scene, { extra }) => {
      expect(Number(extra?.runningMs)).toBeLessThan(11_000);
    },
  });
});
