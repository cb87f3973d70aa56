import { messageOf } from '../run/error-message.ts';
import { describeCall } from './cluster-error.ts';
import type { ClusterObserver } from './observer.ts';
import type { WatchTransition } from './watch/watch-state.ts';

export interface LogObserver extends ClusterObserver {
  /** How often each event happened: `watch jobs.batch watching failed`, `retry get pods unreachable`. */
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * Logs and counts the failures that the cluster layer recovers from. An outage of a watch is one warning when it begins
 * and one line when it ends. Every transition and every retry between them is logged at debug level.
 */
export function logObserver(log: (level: 'debug' | 'info' | 'warn', message: string) => void): LogObserver {
  const counts = new Map<string, number>();
  const failingSince = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  const onWatchTransition = (transition: WatchTransition) => {
    const { resource, from, to, reason, error } = transition;
    const name = watchName(transition);
    count(`watch ${resource} ${from} ${reason}`);
    log('debug', `${name}: ${from} → ${to} (${reason})`);
    const since = failingSince.get(name);
    if (error !== undefined && reason !== 'expired' && since === undefined) {
      failingSince.set(name, Date.now());
      log('warn', `${name} fails and is being retried: ${messageOf(error)}`);
    } else if (since !== undefined && (to === 'watching' || to === 'stopped')) {
      failingSince.delete(name);
      const seconds = ((Date.now() - since) / 1000).toFixed(1);
      log(
        'info',
        `${name} ${to === 'watching' ? 'works again' : 'was stopped before it recovered,'} after ${seconds} s`,
      );
    }
  };
  return {
    counts,
    onWatchTransition,
    onRetry: ({ cluster, call, error, tries, delayMs }) => {
      count(`retry ${call.verb} ${call.resource} ${error.kind}`);
      const delay = `retry in ${Math.round(delayMs)} ms after try ${tries}`;
      log('debug', `${describeCall(call)} on cluster ${cluster}: ${delay}: ${error.kind}`);
    },
  };
}

function watchName({ cluster, resource, namespace }: WatchTransition): string {
  return `watch of ${resource}${namespace === undefined ? '' : ` in namespace ${namespace}`} on cluster ${cluster}`;
}
