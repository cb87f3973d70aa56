import { REPORT_KEY } from '../aicr/constants.ts';
import { reportConfigMapLabels } from '../aicr/job/labels.ts';
import { reportConfigMapName } from '../aicr/job/names.ts';
import type { Phase } from '../aicr/phase.ts';
import { buildReport, type CtrfReport, mergeReports } from '../aicr/result/ctrf.ts';
import type { Cluster } from '../cluster/clusters.ts';
import { CONFIG_MAPS } from '../cluster/resources.ts';
import type { ConfigMap } from '../kubernetes/types.ts';
import { boundReport } from '../report/bound-report.ts';
import { reportEntry } from '../report/report-entry.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import { EXPIRES_ANNOTATION, withMarks } from '../run/marks.ts';
import type { RunScope } from '../run/scope.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import type { StoredResult } from './store-result.ts';
import { permanentRefusal } from './to-failure.ts';
import { withHeartbeat } from './with-heartbeat.ts';

export interface WriteReportInput extends RunInput {
  phases: { phase: Phase; outcomes: ValidatorOutcome[] }[];
}

export interface WrittenReport {
  /** The names of the ConfigMaps with the phases' reports. */
  reports: string[];
  /** Why the cluster refused reports, for a person; absent if it refused none. */
  unpublished?: string[];
  /** All phases in one report, small enough for a workflow's result. */
  report: CtrfReport;
}

type Results = ReadonlyMap<string, StoredResult>;

/** A ConfigMap holds 1 MiB, metadata included. */
const MAX_CONFIG_MAP_BYTES = 900 * 1024;
/** Temporal warns of a payload over 512 KB and refuses one over 2 MB. The rest of the result needs room too. */
const MAX_RESULT_BYTES = 256 * 1024;
/** How long a report stays on the cluster. */
const REPORT_TTL_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Builds the CTRF report of each phase from the result store, publishes it as ConfigMap `aicr-ctrf-<run id>-<phase>`,
 * where AICR's tools look for it, and returns the merged report. The ConfigMaps stay until the time in their
 * annotation. If the cluster refuses a report permanently, for instance because its namespace is being deleted, the
 * result says so and the run still has its verdicts.
 */
export function writeReport(deps: ActivityDeps) {
  return defineActivity(async ({ run, phases }: WriteReportInput, signal): Promise<WrittenReport> => {
    const cluster = await deps.clusters.pinned(run.cluster, signal);
    const store = deps.resultStore(cluster, run, { name: '', uid: '' });
    const keys = phases.flatMap(({ outcomes }) => outcomes.flatMap(({ resultKey }) => resultKey ?? []));
    const reports: CtrfReport[] = [];
    const names: string[] = [];
    const unpublished: string[] = [];
    await withHeartbeat(
      () => ({ phase: 'Writing reports', written: names }),
      async () => {
        const results = (await store.getAll(new Set(keys), signal)) as Results;
        for (const { phase, outcomes } of phases) {
          const report = phaseReport(results, outcomes, deps.version);
          reports.push(report);
          const refused = await permanentRefusal(async () =>
            names.push(await publish(cluster, run, phase, report, signal)),
          );
          if (refused !== undefined) unpublished.push(`the report of phase ${phase} is not on the cluster: ${refused}`);
        }
      },
    );
    const merged = mergeReports(reports, { toolVersion: deps.version, timestamp: new Date().toISOString() });
    const written = { reports: names, report: boundReport(merged, MAX_RESULT_BYTES) };
    return unpublished.length === 0 ? written : { ...written, unpublished };
  });
}

function phaseReport(results: Results, outcomes: ValidatorOutcome[], toolVersion: string): CtrfReport {
  const entries = outcomes.map((outcome) => reportEntry(outcome, results.get(outcome.resultKey ?? '')?.result));
  const startMs = Math.min(...outcomes.map((outcome) => outcome.startMs));
  const stopMs = Math.max(...outcomes.map((outcome) => outcome.stopMs));
  return buildReport({ results: entries, startMs, stopMs, toolVersion });
}

async function publish(
  cluster: Cluster,
  run: RunScope,
  phase: Phase,
  report: CtrfReport,
  signal: AbortSignal,
): Promise<string> {
  const name = reportConfigMapName(run.runId, phase);
  const { labels, annotations } = withMarks({ labels: reportConfigMapLabels(run.runId, phase) }, run.marks);
  const expires = new Date(Date.now() + REPORT_TTL_MS).toISOString();
  const configMap: ConfigMap = {
    metadata: {
      name,
      namespace: run.namespace,
      labels,
      annotations: { ...annotations, [EXPIRES_ANNOTATION]: expires },
    },
    data: { [REPORT_KEY]: JSON.stringify(boundReport(report, MAX_CONFIG_MAP_BYTES, 2), null, 2) },
  };
  await cluster.api.apply(CONFIG_MAPS, configMap, signal);
  return name;
}
