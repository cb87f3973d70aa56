/**
 * AICR's labels (its ADR-013; docs/contract.md, section 5). Proctor's own labels are in `run/marks.ts` and are never
 * mixed with these.
 */

const NAME = 'app.kubernetes.io/name';
const COMPONENT = 'app.kubernetes.io/component';
const MANAGED_BY = 'app.kubernetes.io/managed-by';
const JOB_TYPE_LABEL = 'aicr.run/job-type';
const RUN_ID_LABEL = 'aicr.run/run-id';
const VALIDATOR_LABEL = 'aicr.run/validator';
const PHASE_LABEL = 'aicr.run/phase';
const REPORT_TYPE_LABEL = 'aicr.run/report-type';

type Labels = Record<string, string>;

export function jobLabels(job: { runId: string; validator: string; phase: string }): Labels {
  return {
    [NAME]: 'aicr',
    [COMPONENT]: 'validation',
    [MANAGED_BY]: 'aicr',
    [JOB_TYPE_LABEL]: 'validation',
    [RUN_ID_LABEL]: job.runId,
    [VALIDATOR_LABEL]: job.validator,
    [PHASE_LABEL]: job.phase,
  };
}

/** The pod template has fewer labels than the Job: no run id and no phase. */
export function podLabels(validator: string): Labels {
  return { [NAME]: 'aicr', [COMPONENT]: 'validation', [VALIDATOR_LABEL]: validator };
}

export function dataConfigMapLabels(runId: string): Labels {
  return { ...namespaceLabels(), [RUN_ID_LABEL]: runId };
}

export function reportConfigMapLabels(runId: string, phase: string): Labels {
  return { ...dataConfigMapLabels(runId), [PHASE_LABEL]: phase, [REPORT_TYPE_LABEL]: 'ctrf' };
}

export function namespaceLabels(): Labels {
  return { [NAME]: 'aicr', [COMPONENT]: 'validation', [MANAGED_BY]: 'aicr' };
}

/** Labels of the ServiceAccount and the ClusterRoleBinding. They have another name than the rest, and no run id. */
export function rbacLabels(): Labels {
  return { [NAME]: 'aicr-validator', [MANAGED_BY]: 'aicr' };
}
