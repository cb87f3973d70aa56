import { KubeConfig } from '@kubernetes/client-node';
import { afterEach } from 'vitest';
import { ClusterApi } from '../../src/cluster/api.ts';
import { ClusterError } from '../../src/cluster/cluster-error.ts';
import { Connection, type ConnectionOptions } from '../../src/cluster/transport/connection.ts';

const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** Closes a resource after the test, the most recent first, so that connections close before their servers. */
export function owned<T extends { close(): Promise<unknown> }>(one: T): T {
  open.unshift(one);
  return one;
}

export interface Target {
  server: string;
  cluster?: object;
  user?: object;
}

export function kubeConfig({ server, cluster, user }: Target): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server, skipTLSVerify: server.startsWith('http:'), ...cluster }],
    users: [{ name: 'u', ...user }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  return config;
}

/** The worker's client for a server, with back-offs that are short enough for tests. */
export function client(target: Target, options: Partial<ConnectionOptions> = {}): ClusterApi {
  const config = kubeConfig(target);
  const timing = { firstMs: 2, mostMs: 20, ...options.timing };
  const all = { userAgent: 'proctor/test', env: {}, ...options, timing };
  return new ClusterApi(owned(new Connection('test', () => config, all)));
}

/** The ClusterError with which a promise rejects. Fails the test if it resolves, or rejects with anything else. */
export async function refusal(promise: Promise<unknown>): Promise<ClusterError> {
  const error = await promise.then(
    () => new Error('it was not rejected'),
    (reason: unknown) => reason,
  );
  if (error instanceof ClusterError) return error;
  throw error;
}
