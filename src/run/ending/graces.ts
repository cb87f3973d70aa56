import { nsToMs, parseGoDuration } from '../../aicr/go/duration.ts';

/** How long each problem may last before it ends the validator and becomes its cause, in milliseconds. */
export interface Graces {
  /** An image that does not exist, or that may not be pulled. */
  imagePull: number;
  /** A registry that is slow, limits requests, or fails for the moment. */
  imagePullTransient: number;
  /** A pod that fits no node, although no sibling holds the room it needs: an autoscaler may be adding a node. */
  unschedulable: number;
  /** A ConfigMap, Secret or key that is missing. */
  configError: number;
  /** A pod that the API server refuses to create. */
  createRefused: number;
  /** A node that is not Ready: it may be rebooting, and its pod may survive that. */
  nodeLost: number;
  /** A cluster that does not answer: its Jobs keep running, and their verdicts can be read once it answers again. */
  clusterUnreachable: number;
}

const MINUTE = 60_000;

/**
 * Sonobuoy gives image pulls five minutes. Tekton, Flyte and Airflow each had to correct both extremes, failing at once
 * and waiting indefinitely.
 */
export const DEFAULT_GRACES: Graces = {
  imagePull: 2 * MINUTE,
  imagePullTransient: 10 * MINUTE,
  unschedulable: 5 * MINUTE,
  configError: 2 * MINUTE,
  createRefused: 2 * MINUTE,
  nodeLost: 2 * MINUTE,
  clusterUnreachable: 60 * MINUTE,
};

/** A request's graces, which are Go durations, in milliseconds. */
export function gracesFrom(given: Partial<Record<keyof Graces, string>>): Partial<Graces> {
  return Object.fromEntries(Object.entries(given).map(([name, text]) => [name, nsToMs(parseGoDuration(text))]));
}
