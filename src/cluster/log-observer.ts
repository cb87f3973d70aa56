import { messageOf } from '../run/error-message.ts';
import { describeCall } from './cluster-error.ts';
import type { ClusterObserver } from './observer.ts';
import type { WatchTransition } from './watch/watch-state.ts';

export interface LogObserver extends ClusterObserver {
  /** How often each thing has happened, by a name for it: `watch jobs.batch watching failed`, `retry get pods unreachable`. */
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * Logs and counts what the cluster layer gets over by itself. A watch's trouble is one warning when it begins and one line when it is
 * over; every transition and every retry between them is there at debug.
 */
export function logObserver(log: (level: 'debug' | 'info' | 'warn', message: string) => void): LogObserver {
  const counts = new Map<string, number>();
  const troubles = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  const moved = (move: WatchTransition) => {
    const name = watchName(move);
    count(`watch ${move.resource} ${move.from} ${move.reason}`);
    log('debug', `${name}: ${move.from} → ${move.to} (${move.reason})`);
    const since = troubles.get(name);
    if (move.error !== undefined && move.reason !== 'expired' && since === undefined) {
      troubles.set(name, Date.now());
      log('warn', `${name} is in trouble and goes on trying: ${messageOf(move.error)}`);
    } else if (since !== undefined && (move.to === 'watching' || move.to === 'stopped')) {
      troubles.delete(name);
      const seconds = ((Date.now() - since) / 1000).toFixed(1);
      log(
        'info',
        move.to === 'watching' ? `${name} works again after ${seconds} s` : `${name} was stopped in its trouble`,
      );
    }
  };
  return {
    counts,
    moved,
    retried: ({ cluster, call, error, tries, delayMs }) => {
      count(`retry ${call.verb} ${call.resource} ${error.kind}`);
      log(
        'debug',
        `${describeCall(call)} on cluster ${cluster}: again in ${Math.round(delayMs)} ms after try ${tries}: ${error.kind}`,
      );
    },
  };
}

function watchName({ cluster, resource, namespace }: WatchTransition): string {
  return `watch of ${resource}${namespace === undefined ? '' : ` in namespace ${namespace}`} on cluster ${cluster}`;
}
