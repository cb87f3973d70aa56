/**
 * Proctor's marks: labels and an annotation under its own prefix on every object it makes (design.md, "The manifest"). AICR's labels prove
 * nothing, since a live `aicr validate` writes the same; what carries these was made by the workflow they name.
 */
import type { KubernetesObject, ObjectMeta } from '../kubernetes/types.ts';

export const MARK_PREFIX = 'proctor.run/';
const INSTALLATION = `${MARK_PREFIX}installation`;
export const WORKFLOW_RUN_ID = `${MARK_PREFIX}workflow-run-id`;
const VALIDATOR = `${MARK_PREFIX}validator`;
const ATTEMPT = `${MARK_PREFIX}attempt`;
export const WORKFLOW_ID = `${MARK_PREFIX}workflow-id`;

export interface Marks {
  /** The UUID of the Temporal namespace: two installations on one cluster never touch each other's objects. */
  installation: string;
  /** Any text, so an annotation: a label's value may not hold what a workflow id may. */
  workflowId: string;
  workflowRunId: string;
  validator?: string;
  attempt?: number;
}

export function markLabels(marks: Marks): Record<string, string> {
  return {
    [INSTALLATION]: marks.installation,
    [WORKFLOW_RUN_ID]: marks.workflowRunId,
    ...(marks.validator === undefined ? {} : { [VALIDATOR]: marks.validator }),
    ...(marks.attempt === undefined ? {} : { [ATTEMPT]: String(marks.attempt) }),
  };
}

export function markAnnotations(marks: Marks): Record<string, string> {
  return { [WORKFLOW_ID]: marks.workflowId };
}

/** Whether the object carries every one of these marks: more labels do no harm, a missing or different one does. */
export function hasMarks(object: Pick<KubernetesObject, 'metadata'>, marks: Marks): boolean {
  return holds(object.metadata.labels, markLabels(marks)) && holds(object.metadata.annotations, markAnnotations(marks));
}

function holds(actual: Record<string, string> | undefined, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([key, value]) => actual?.[key] === value);
}

/** Selects, on the server's side, what this installation made. */
export function installationSelector(installation: string): string {
  return `${INSTALLATION}=${installation}`;
}

/** Selects, on the server's side, what one run made. */
export function runSelector({ installation, workflowRunId }: Marks): string {
  return `${installationSelector(installation)},${WORKFLOW_RUN_ID}=${workflowRunId}`;
}

/** When an object that outlives its run on purpose may be removed, in RFC 3339. */
export const EXPIRES_ANNOTATION = `${MARK_PREFIX}expires`;

/** Metadata with the marks added to whatever labels and annotations there are. */
export function withMarks<M extends ObjectMeta>(metadata: M, marks: Marks) {
  return {
    ...metadata,
    labels: { ...metadata.labels, ...markLabels(marks) },
    annotations: { ...metadata.annotations, ...markAnnotations(marks) },
  };
}
