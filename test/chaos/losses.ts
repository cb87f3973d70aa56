import { until } from '../../dev/poll.ts';
import { EXPECTED } from './catalog.ts';
import { jobsCreated } from './jobs-created.ts';
import { listObjects } from './leftovers.ts';
import type { Run } from './run.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';
import { verdictsLost, wrongVerdicts } from './verdicts.ts';

/** What a round cost, one line for each loss. Proctor promises that all lists are empty. */
export interface Losses {
  verdictsLost: string[];
  extraJobs: string[];
  extraExecutions: string[];
  leftovers: string[];
  /** What should have been counted and was not. If there is any, the other columns prove nothing. */
  uncounted: string[];
}

/** Counts the losses of a scene whose runs have all closed. */
export async function lossesOf(scene: Scene): Promise<Losses> {
  const { stage, runs } = scene;
  // First of all, before any sweep, so that the leftovers are what the runs left.
  const leftovers = await leftoversOf(stage, runs);
  const verdicts = await Promise.all(runs.map((run) => verdictsLostBy(stage, run)));
  const jobs = await jobsCreated(stage.stack.cluster.auditLog ?? '');
  return {
    leftovers,
    verdictsLost: verdicts.flat(),
    extraJobs: runs.flatMap(({ runId }) => duplicatesIn(ofRun(jobs, runId))),
    extraExecutions: runs.flatMap(({ runId }) => duplicatesIn(stage.counter.executions(runId))),
    uncounted: runs.flatMap((run) => uncountedOf(stage, run)),
  };
}

function ofRun(jobs: ReadonlyMap<string, number>, runId: string): Map<string, number> {
  return new Map([...jobs].filter(([key]) => key.startsWith(`${runId} `)));
}

function duplicatesIn(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].flatMap(([key, count]) => Array.from({ length: count - 1 }, () => `${key}: one more than one`));
}

/**
 * Every verdict comes from an execution, so a verdict without a counted execution shows that the counting is broken.
 */
function uncountedOf({ counter }: Stage, { ends, runId, id }: Run): string[] {
  if (ends !== 'by itself') return [];
  const executions = counter.executions(runId);
  return EXPECTED.filter(({ name }) => !executions.has(name)).map(
    ({ name }) => `${id}: no execution of ${name} counted`,
  );
}

async function verdictsLostBy(stage: Stage, run: Run): Promise<string[]> {
  if (run.ends === 'by itself') {
    const lost = await run.result().then(
      ({ report }) => verdictsLost(report),
      (error: unknown) => EXPECTED.map(({ name }) => `${name}: the run failed: ${String(error)}`),
    );
    return lost.map((line) => `${run.id}: ${line}`);
  }
  return (await run.reports(stage.kube)).flatMap(wrongVerdicts).map((line) => `${run.id}: ${line}`);
}

async function leftoversOf(stage: Stage, runs: readonly Run[]): Promise<string[]> {
  // For a second after its restart the API server may refuse calls that it allows later.
  const found = () => until('the whole cluster has been listed', () => listObjects(stage.kube));
  const left = async () => [...(await found())].filter((one) => !stage.before.has(one));
  if (!runs.some(({ ends }) => ends === 'terminated')) return left();
  // A terminated run executes no more workflow code. For such a run Proctor promises only that the sweep cleans up.
  await until('the validators’ own workflows have closed', async () => {
    const open = await Promise.all(runs.map((run) => run.openChildren()));
    return open.every((count) => count === 0);
  });
  await stage.proctor.client.workflow.execute('sweep', {
    taskQueue: 'proctor',
    workflowId: `sweep-after-${runs.map(({ runId }) => runId).join('-')}`,
    args: [{ cluster: 'local' }],
  });
  // The sweep deletes in the foreground, which takes until the last pod has ended.
  await until('what was swept is gone', async () => (await left()).length === 0, 60).catch(() => undefined);
  return left();
}
