/**
 * Proctor's marks: labels and an annotation under its own prefix on every object that it creates. They prove that the
 * named workflow created the object. AICR's labels do not prove that, since `aicr validate` writes the same ones.
 */

import type { KubernetesObject, ObjectMeta } from '../kubernetes/types.ts';
import type { FirstRunId, WorkflowId } from './ids.ts';

export const MARK_PREFIX = 'proctor.run/';
const INSTALLATION = `${MARK_PREFIX}installation`;
export const WORKFLOW_RUN_ID = `${MARK_PREFIX}workflow-run-id`;
const VALIDATOR = `${MARK_PREFIX}validator`;
const ATTEMPT = `${MARK_PREFIX}attempt`;
export const WORKFLOW_ID = `${MARK_PREFIX}workflow-id`;

export interface Marks {
  /** The UUID of the Temporal namespace. Two installations on one cluster never touch each other's objects. */
  installation: string;
  /** An annotation, because a workflow id may contain characters that a label value may not. */
  workflowId: WorkflowId;
  /** The first run of the workflow's chain. */
  workflowRunId: FirstRunId;
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

/** Whether the object has all of these marks. Other labels and annotations do not matter. */
export function hasMarks(object: Pick<KubernetesObject, 'metadata'>, marks: Marks): boolean {
  return (
    containsAll(object.metadata.labels, markLabels(marks)) &&
    containsAll(object.metadata.annotations, markAnnotations(marks))
  );
}

function containsAll(actual: Record<string, string> | undefined, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([key, value]) => actual?.[key] === value);
}

/** A label selector for all objects of an installation. */
export function installationSelector(installation: string): string {
  return `${INSTALLATION}=${installation}`;
}

/** A label selector for all objects of a run. */
export function runSelector({ installation, workflowRunId }: Marks): string {
  return `${installationSelector(installation)},${WORKFLOW_RUN_ID}=${workflowRunId}`;
}

/** The annotation that says when the sweep may remove an object that intentionally outlives its run, in RFC 3339. */
export const EXPIRES_ANNOTATION = `${MARK_PREFIX}expires`;

/** A copy of the metadata with the marks added to its labels and annotations. */
export function withMarks<M extends ObjectMeta>(metadata: M, marks: Marks) {
  return {
    ...metadata,
    labels: { ...metadata.labels, ...markLabels(marks) },
    annotations: { ...metadata.annotations, ...markAnnotations(marks) },
  };
}
