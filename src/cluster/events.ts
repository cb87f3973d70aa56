import type { EventNote } from '../run/ending/symptom.ts';
import type { ClusterApi } from './api.ts';
import { isKind } from './cluster-error.ts';
import { EVENTS } from './resources.ts';

const MAX_EVENTS = 50;

/**
 * Reads the events of one object, oldest first. Kubernetes counts repeated events instead of storing each, so 50 events
 * cover a long time. If the worker may not read events, the result is empty. Without events, the worker notices some
 * failures only when the wait ends, and never notices an eviction that the kubelet does not report in the pod's status.
 */
export async function eventsOf(
  api: ClusterApi,
  namespace: string,
  uid: string,
  signal: AbortSignal,
  reason?: string,
): Promise<EventNote[]> {
  const fieldSelector = `involvedObject.uid=${uid}${reason === undefined ? '' : `,reason=${reason}`}`;
  const { items } = await api
    .list<KubernetesEvent>(EVENTS, { namespace, fieldSelector, limit: MAX_EVENTS }, signal)
    .catch((error: unknown) => {
      if (isKind(error, 'forbidden')) return { items: [] };
      throw error;
    });
  const at = ({ lastTimestamp, eventTime, metadata }: KubernetesEvent) =>
    Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '') || 0;
  return items.sort((a, b) => at(a) - at(b)).map(note);
}

function note({ reason = '', message = '', firstTimestamp, eventTime, metadata }: KubernetesEvent): EventNote {
  const firstMs = Date.parse(firstTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '');
  return { reason, message, ...(!Number.isNaN(firstMs) && { firstMs }) };
}

interface KubernetesEvent {
  metadata: { creationTimestamp?: string };
  reason?: string;
  message?: string;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
}
