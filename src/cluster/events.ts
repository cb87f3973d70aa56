import type { EventNote } from '../run/ending/symptom.ts';
import type { ClusterApi } from './api.ts';
import { isKind } from './cluster-error.ts';
import { EVENTS } from './resources.ts';

const MOST_EVENTS = 50;

/**
 * The events of one object, oldest first. Kubernetes repeats an event by counting, so a few hold a long story. A worker that may not read
 * events goes without them: it learns of some trouble at the end of the wait only, and not of an eviction that its kubelet hides.
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
    .list<KubernetesEvent>(EVENTS, { namespace, fieldSelector, limit: MOST_EVENTS }, signal)
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
