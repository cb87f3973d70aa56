import type { ClusterApi, ObjectRef } from '../cluster/api.ts';
import type { KubernetesObject } from '../kubernetes/types.ts';
import { messageOf } from '../run/error-message.ts';
import { hasMarks, type Marks } from '../run/marks.ts';

/**
 * Delete a run's objects by name, one after another: only those that bear the run's marks, each by the UID that was seen, so that an object
 * that has since taken the name is left alone. All are tried, whatever one of them answers.
 * @throws AggregateError with each delete's error, or the error itself where there is one only.
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
      // Cancelled: nothing more can be tried, and the SDK must see its own failure.
      if (signal.aborted) throw error;
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, errors.map(messageOf).join('; '));
}
