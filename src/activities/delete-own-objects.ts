import type { ClusterApi, ObjectRef } from '../cluster/api.ts';
import type { KubernetesObject } from '../kubernetes/types.ts';
import { messageOf } from '../run/error-message.ts';
import { hasMarks, type Marks } from '../run/marks.ts';

/**
 * Deletes objects by name, one after another, if they have the run's marks. Each delete names the UID that was read, so
 * that an object that has taken the name since then stays. If one delete fails, the others are still tried.
 * @throws the error if one delete fails, an AggregateError if several do.
 */
export async function deleteOwnObjects(
  api: ClusterApi,
  refs: ObjectRef[],
  marks: Marks,
  signal: AbortSignal,
): Promise<void> {
  const errors: unknown[] = [];
  for (const ref of refs) {
    try {
      const found = await api.find<KubernetesObject>(ref, signal);
      if (found !== undefined && hasMarks(found, marks)) await api.delete(ref, { uid: found.metadata.uid, signal });
    } catch (error) {
      // After a cancellation nothing more can be tried, and the SDK must see its own failure.
      if (signal.aborted) throw error;
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, errors.map(messageOf).join('; '));
}
