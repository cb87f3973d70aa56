import { randomBytes } from 'node:crypto';
import { type Fault, repeatedly } from '../fault.ts';

const NAMESPACE = 'aicr-validation';
const FULL_MS = 12_000;

function quotaFull(name: string, hard: Record<string, string>): Fault {
  return {
    name,
    inject: (scene, times) =>
      repeatedly(scene, times, async () => {
        const quota = `chaos-${randomBytes(3).toString('hex')}`;
        const quotas = `/api/v1/namespaces/${NAMESPACE}/resourcequotas`;
        await scene.stage.kube.create(quotas, { metadata: { name: quota }, spec: { hard } });
        await scene.pass(FULL_MS);
        await scene.stage.kube.delete(`${quotas}/${quota}`);
        await scene.pass(3_000);
        return true;
      }),
  };
}

interface Pod {
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  status: { phase: string };
}

const podDeleted: Fault = {
  name: 'pod deleted after its validator has ended',
  inject: async (scene, times) => {
    const { kube } = scene.stage;
    const pods = `/api/v1/namespaces/${NAMESPACE}/pods`;
    const ended = ({ metadata, status }: Pod) =>
      ['Succeeded', 'Failed'].includes(status.phase) && metadata.deletionTimestamp === undefined;
    await repeatedly(scene, times, async () => {
      const pod = await scene.when('a validator has ended', async () => (await kube.list<Pod>(pods)).find(ended));
      if (pod === undefined) return false;
      const gone = await kube.delete(`${pods}/${pod.metadata.name}`, { preconditions: { uid: pod.metadata.uid } }).then(
        () => true,
        () => false,
      );
      return gone;
    });
  },
};

export const OBJECTS = {
  pods: quotaFull('quota of pods full for 12 s', { pods: '0' }),
  jobs: quotaFull('quota of Jobs full for 12 s', { 'count/jobs.batch': '0' }),
  podDeleted,
};
