// A worker as a user would start it: for the demo, and for whatever else wants runs on the local stack.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Stack } from './stack.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a worker, a client and the Temporal CLI need to find the stack. */
export function environmentOf({ temporal, cluster }: Stack): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    KUBECONFIG: cluster.kubeconfig,
    PROCTOR_CONTEXT: cluster.context,
    PROCTOR_CLUSTER: 'local',
    // The contract's role, on a cluster that is there for nothing else: a worker allows none by itself.
    PROCTOR_ALLOW_CLUSTER_ROLES: 'cluster-admin',
  };
}

/** Resolves once the worker serves its cluster; rejects with what it said if it ends before. */
export async function startWorker(env: Record<string, string>): Promise<ChildProcess> {
  const worker = spawn(process.execPath, ['src/worker.ts'], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const { promise: serving, resolve, reject } = Promise.withResolvers<void>();
  for (const input of [worker.stdout, worker.stderr]) {
    createInterface({ input }).on('line', (line) => {
      said.push(line);
      if (line.includes('serving cluster')) resolve();
    });
  }
  worker.once('exit', (code) => reject(new Error(`the worker ended (${code}):\n${said.slice(-20).join('\n')}`)));
  await serving;
  return worker;
}

export async function stopWorker(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null) return;
  const gone = once(worker, 'exit');
  worker.kill('SIGTERM');
  await gone;
}
