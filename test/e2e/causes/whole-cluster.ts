import { describe, expect } from 'vitest';
import { startComponent, stopComponent } from '../../../dev/stack.ts';
import { stack, uniqueId, until } from '../harness.ts';
import { forgetContainer } from './container-runtime.ts';
import type { Condition, Pod } from './kube.ts';
import { type Scene, sleepScript } from './scene.ts';
import { clusterFault, oneAttempt, stage } from './stage.ts';

/** These faults fill or break the whole cluster, so they are tested one after the other. */
describe('faults of the whole cluster', () => {
  clusterFault('twelve one-CPU validators on two cores', {
    expected: { cause: 'completed', status: 'passed' },
    inject: async (scene) => {
      const names = [scene.validator, ...Array.from({ length: 11 }, () => uniqueId('one-cpu'))];
      const validators = names.map((name) => ({ name, cpu: '1', script: 'sleep 1' }));
      await scene.startAll(validators, { graces: { unschedulable: '2s' } });
      await expectHeldBack(scene);
      return undefined;
    },
    verify: async (scene) => {
      const { counts, problems } = await scene.result();
      expect({ counts, problems }).toMatchObject({ counts: { tests: 12, passed: 12 }, problems: [] });
    },
  });

  clusterFault('preempted on a full node', {
    expected: { cause: 'preempted', message: /exit code 143/, evidence: /preempting to accommodate a higher priority/ },
    inject: async (scene) => {
      const classes = '/apis/scheduling.k8s.io/v1/priorityclasses';
      await stage.kube.create(classes, { metadata: { name: scene.namespace }, value: 1000 });
      scene.onClose(`${classes}/${scene.namespace}`);
      await scene.start({ script: sleepScript(120, 143), cpu: '1500m' }, oneAttempt);
      await scene.runningPod();
      const began = Date.now();
      await stage.kube.create(`/api/v1/namespaces/${scene.namespace}/pods`, importantPod(scene.namespace));
      return began;
    },
  });

  clusterFault('kubelet killed', {
    expected: {
      cause: 'node-lost',
      message: /^validation failed: node-lost: /,
      evidence: /is not Ready/,
      graceMs: 30_000,
    },
    inject: async (scene) => {
      await scene.start({ script: sleepScript(240, 0) }, { graces: { nodeLost: '30s' } });
      const pod = await scene.runningPod();
      await stopComponent(stack, 'kubelet', 'SIGKILL');
      try {
        const lost = await until('the node is not Ready', () => notReady(pod), 90);
        await until('the cause has been named', () => scene.namedAt(), 60);
        return Date.parse(lost.lastTransitionTime);
      } finally {
        // The pod cannot be removed while the kubelet is down.
        await startComponent(stack, 'kubelet');
        await until('the node is Ready again', async () => (await notReady(pod)) === undefined);
      }
    },
  });

  clusterFault('container forgotten by its runtime', {
    expected: { cause: 'status-unknown', evidence: /could not be located/ },
    inject: async (scene) => {
      await scene.start({ script: sleepScript(240, 0) }, oneAttempt);
      const pod = await scene.runningPod();
      await stopComponent(stack, 'kubelet', 'SIGKILL');
      try {
        await forgetContainer(pod.status.containerStatuses?.[0]?.containerID ?? '');
      } finally {
        await startComponent(stack, 'kubelet');
      }
      const { status } = await scene.pod('the kubelet fails the pod', (pod) => pod.status.phase === 'Failed');
      // The kubelet's time, not the test's: Proctor may have seen the failure before the test did.
      return Date.parse(status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '');
    },
  });

  // Kubernetes reports Succeeded and Complete without a reason. The restarted kubelet admits the older pod first, which
  // leaves no room for the validator's.
  clusterFault('restarted kubelet refuses the running pod, exit code 0', {
    expected: {
      cause: 'interrupted',
      // The kubelet reports the refusal first, without the container that still runs. This may already end the Job.
      orCause: 'admission-refused',
      message: /^interrupted: .*its kubelet \(exit code 0\)|^container "validator" not found/,
      evidence: /refused the pod|^OutOfcpu/,
      slackMs: 30_000,
    },
    inject: async (scene) => {
      const { name } = await stage.node();
      const pods = `/api/v1/namespaces/${scene.namespace}/pods`;
      await stage.kube.create(pods, unscheduledPod('older', '1900m'));
      // Kubernetes records whole seconds. If both pods were created in the same second, the kubelet could admit either
      // first.
      const [older] = await scene.pods();
      const createdMs = Date.parse(older?.metadata.creationTimestamp ?? '');
      await until('the second of its creation is over', async () => Date.now() >= createdMs + 1_000);
      await scene.start({ script: sleepScript(240, 0), cpu: '500m' });
      await scene.runningPod();
      await stopComponent(stack, 'kubelet', 'SIGKILL');
      try {
        await stage.kube.create(`${pods}/older/binding`, {
          metadata: { name: 'older' },
          target: { kind: 'Node', name },
        });
      } finally {
        await startComponent(stack, 'kubelet');
      }
      return scene.eventAt('OutOfcpu', /cpu/);
    },
  });

  clusterFault('API server unreachable for longer than its grace', {
    expected: {
      cause: 'cluster-unreachable',
      message: /^validation failed: the cluster has been unreachable for 1\ds: unreachable: /,
      graceMs: 10_000,
    },
    inject: async (scene) => {
      await scene.start({ script: sleepScript(240, 0) }, { graces: { clusterUnreachable: '10s' } });
      await scene.runningPod();
      const began = Date.now();
      await stopComponent(stack, 'kube-apiserver', 'SIGKILL');
      try {
        await until('the cause has been named', () => scene.namedAt(), 60);
        return began;
      } finally {
        await startComponent(stack, 'kube-apiserver');
      }
    },
  });
});

/**
 * Waits until all twelve pods have a node. The node has no room for six of the first eight; asserts that no further Job
 * was created until the last of those had its node.
 */
async function expectHeldBack(scene: Scene): Promise<void> {
  const createdMs = new Map<string, number>();
  const placedMs = new Map<string, number>();
  await until(
    'all twelve pods have a node',
    async () => {
      for (const { metadata } of await scene.jobs())
        createdMs.set(metadata.name, Date.parse(metadata.creationTimestamp));
      for (const { metadata, status } of await scene.pods()) {
        const placed = status.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'True');
        const job = metadata.labels?.['batch.kubernetes.io/job-name'];
        if (placed !== undefined && job !== undefined) placedMs.set(job, Date.parse(placed.lastTransitionTime));
      }
      return placedMs.size === 12;
    },
    120,
  );
  const inOrder = [...createdMs].sort(([, a], [, b]) => a - b);
  const lastPlaced = Math.max(...inOrder.slice(0, 8).map(([name]) => placedMs.get(name) ?? 0));
  // Kubernetes records whole seconds.
  for (const [, created] of inOrder.slice(8)) expect(created).toBeGreaterThanOrEqual(lastPlaced - 1_000);
}

async function notReady({ spec }: Pod): Promise<Condition | undefined> {
  const { status } = await stage.kube.get<{ status: { conditions: Condition[] } }>(`/api/v1/nodes/${spec.nodeName}`);
  return status.conditions.find(({ type, status: is }) => type === 'Ready' && is !== 'True');
}

/** A pod that no scheduler places, until the test binds it. */
function unscheduledPod(name: string, cpu: string): unknown {
  const containers = [
    { name: 'main', image: stack.image, args: ['-c', sleepScript(240, 0)], resources: { requests: { cpu } } },
  ];
  return { metadata: { name }, spec: { schedulerName: 'nobody', terminationGracePeriodSeconds: 1, containers } };
}

/** A pod that preempts the validator's. */
function importantPod(priorityClassName: string): unknown {
  const resources = { requests: { cpu: '1' } };
  const args = ['-c', sleepScript(60, 0)];
  return {
    metadata: { name: 'important' },
    spec: { priorityClassName, containers: [{ name: 'main', image: stack.image, args, resources }] },
  };
}
