import type { ClusterApi } from './api.ts';
import { PODS, resourceName, resourcePath } from './resources.ts';

/** How long a log may stay silent before the read is given up. The container has ended, so the kubelet has all of it at hand. */
const LOG_TIMEOUT_MS = 30_000;

/**
 * A container's log from its start, chunk by chunk, never held whole: a validator may have printed gigabytes.
 * client-node's `Log.follow` is not used: aborting it kills the process with an uncaught AbortError.
 */
export async function* readLog(
  api: ClusterApi,
  { namespace, pod, container }: { namespace: string; pod: string; container: string },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const body = await api.connection.stream({
    call: { verb: 'get', resource: `${resourceName(PODS)}/log`, namespace, name: pod },
    method: 'GET',
    path: `${resourcePath(PODS, namespace, pod)}/log`,
    query: { container },
    timeoutMs: LOG_TIMEOUT_MS,
    signal,
  });
  yield* body as AsyncIterable<Uint8Array>;
}
