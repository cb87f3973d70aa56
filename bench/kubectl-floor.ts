import { run } from '../dev/exec.ts';
import { timed } from './figures.ts';
import type { RunSetup } from './run-setup.ts';
import type { Entry } from './validators.ts';

export interface Floor {
  ms: number;
  createMs: number;
  completeMs: number;
  deleteMs: number;
}

/**
 * Measures how long `kubectl` takes to create all Jobs at once, wait until all are complete, and delete them in the
 * foreground. No orchestrator can be much faster on this cluster.
 */
export async function kubectlFloor(
  { kubectl, kubeconfig }: { kubectl: string; kubeconfig: string },
  setup: RunSetup,
  entries: Entry[],
): Promise<Floor> {
  const { namespace, runId } = setup.run;
  const call = (args: string[], input?: string) =>
    run(kubectl, ['--kubeconfig', kubeconfig, '--namespace', namespace, ...args], input === undefined ? {} : { input });
  const list = { apiVersion: 'v1', kind: 'List', items: entries.map((entry) => setup.jobOf(entry)) };
  const selector = `aicr.run/run-id=${runId}`;
  const create = await timed(() => call(['create', '-f', '-'], JSON.stringify(list)));
  const complete = await timed(() =>
    call(['wait', 'job', '-l', selector, '--for=condition=complete', '--timeout=10m']),
  );
  const remove = await timed(() => call(['delete', 'job', '-l', selector, '--cascade=foreground', '--wait']));
  return {
    ms: create.ms + complete.ms + remove.ms,
    createMs: create.ms,
    completeMs: complete.ms,
    deleteMs: remove.ms,
  };
}
