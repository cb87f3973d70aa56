import { until } from '../../dev/poll.ts';
import { EXPECTED } from './catalog.ts';
import { jobsCreated } from './jobs-created.ts';
import { everything } from './leftovers.ts';
import type { Run } from './run.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';
import { verdictsLost, wrongVerdicts } from './verdicts.ts';

/** What a round cost, one line each; all empty is what is promised. */
export interface Losses {
  verdictsLost: string[];
  extraJobs: string[];
  extraExecutions: string[];
  leftovers: string[];
  /** What ought to have been counted and was not: then the other columns prove nothing. */
  uncounted: string[];
}

/** To be called when all runs of the scene have closed. */
export async function lossesOf(scene: Scene): Promise<Losses> {
  const { stage, runs } = scene;
  // First of all: what is left now is what a run left, before anybody sweeps.
  const leftovers = await leftoversOf(stage, runs);
  const verdicts = await Promise.all(runs.map((run) => wrongOf(stage, run)));
  const jobs = await jobsCreated(stage.stack.cluster.auditLog ?? '');
  return {
    leftovers,
    verdictsLost: verdicts.flat(),
    extraJobs: runs.flatMap(({ runId }) => surplus(ofRun(jobs, runId))),
    extraExecutions: runs.flatMap(({ runId }) => surplus(stage.counter.executions(runId))),
    uncounted: runs.flatMap((run) => uncountedOf(stage, run)),
  };
}

function ofRun(jobs: ReadonlyMap<string, number>, runId: string): Map<string, number> {
  return new Map([...jobs].filter(([key]) => key.startsWith(`${runId} `)));
}

function surplus(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].flatMap(([key, count]) => Array.from({ length: count - 1 }, () => `${key}: one more than one`));
}

/** A verdict comes from an execution, so one that was not counted shows that the counting is broken. */
function uncountedOf({ counter }: Stage, { ends, runId, id }: Run): string[] {
  if (ends !== 'by itself') return [];
  const executions = counter.executions(runId);
  return EXPECTED.filter(({ name }) => !executions.has(name)).map(
    ({ name }) => `${id}: no execution of ${name} counted`,
  );
}

async function wrongOf(stage: Stage, run: Run): Promise<string[]> {
  if (run.ends === 'by itself') {
    const said = await run.result().then(
      ({ report }) => verdictsLost(report),
      (error: unknown) => EXPECTED.map(({ name }) => `${name}: the run failed: ${String(error)}`),
    );
    return said.map((line) => `${run.id}: ${line}`);
  }
  return (await run.reports(stage.kube)).flatMap(wrongVerdicts).map((line) => `${run.id}: ${line}`);
}

async function leftoversOf(stage: Stage, runs: readonly Run[]): Promise<string[]> {
  // An API server that was killed a moment ago may still refuse what it will grant a second later.
  const found = () => until('the whole cluster has been listed', () => everything(stage.kube));
  const left = async () => [...(await found())].filter((one) => !stage.before.has(one));
  if (!runs.some(({ ends }) => ends === 'terminated')) return left();
  // Where workflow code could not run, the sweep is what is promised.
  await until('the validators’ own workflows have closed', async () => {
    const open = await Promise.all(runs.map((run) => run.openChildren()));
    return open.every((count) => count === 0);
  });
  await stage.proctor.client.workflow.execute('sweep', {
    taskQueue: 'proctor',
    workflowId: `sweep-after-${runs.map(({ runId }) => runId).join('-')}`,
    args: [{ cluster: 'local' }],
  });
  // Deleted in the foreground, which takes as long as the last pod does to die.
  await until('what was swept is gone', async () => (await left()).length === 0, 60).catch(() => undefined);
  return left();
}
