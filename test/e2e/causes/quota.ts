import { until } from '../harness.ts';
import type { Scene } from './scene.ts';
import { stage } from './stage.ts';

/**
 * Creates a quota that allows no pod in the scene's namespace, and waits until it is enforced. @returns its path, for
 * deleting it.
 */
export async function createFullQuota(scene: Scene): Promise<string> {
  const quotas = `/api/v1/namespaces/${scene.namespace}/resourcequotas`;
  await stage.kube.create(quotas, { metadata: { name: 'full' }, spec: { hard: { pods: '0' } } });
  const path = `${quotas}/full`;
  await until('the quota is enforced', async () => {
    const { status } = await stage.kube.get<{ status?: { hard?: unknown } }>(path);
    return status?.hard !== undefined;
  });
  return path;
}
