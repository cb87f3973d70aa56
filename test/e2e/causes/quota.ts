import { until } from '../harness.ts';
import type { Scene } from './scene.ts';
import { stage } from './stage.ts';

/** A quota of the scene's namespace that has no room for any pod, once it counts. @returns its path, for whoever makes room again. */
export async function createFullQuota(scene: Scene): Promise<string> {
  const quotas = `/api/v1/namespaces/${scene.namespace}/resourcequotas`;
  await stage.kube.create(quotas, { metadata: { name: 'full' }, spec: { hard: { pods: '0' } } });
  const path = `${quotas}/full`;
  await until('the quota counts', async () => {
    const { status } = await stage.kube.get<{ status?: { hard?: unknown } }>(path);
    return status?.hard !== undefined;
  });
  return path;
}
