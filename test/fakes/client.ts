import { KubeConfig } from '@kubernetes/client-node';
import { afterEach } from 'vitest';
import { ClusterApi } from '../../src/cluster/api.ts';
import { ClusterError } from '../../src/cluster/cluster-error.ts';
import { Connection, type ConnectionOptions } from '../../src/cluster/transport/connection.ts';

const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** Closed after the test, the connections before the servers they lead to. */
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

/** A client of that server, as the worker has it, with back-offs that a test can wait for. */
export function client(target: Target, options: Partial<ConnectionOptions> = {}): ClusterApi {
  const config = kubeConfig(target);
  const timing = { firstMs: 2, mostMs: 20, ...options.timing };
  const all = { userAgent: 'proctor/test', env: {}, ...options, timing };
  return new ClusterApi(owned(new Connection('test', () => config, all)));
}

/** What a promise is rejected with; a ClusterError, or the test fails. */
export async function refusal(promise: Promise<unknown>): Promise<ClusterError> {
  const error = await promise.then(
    () => new Error('it was not rejected'),
    (reason: unknown) => reason,
  );
  if (error instanceof ClusterError) return error;
  throw error;
}
