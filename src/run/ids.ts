/**
 * Types for ids that are all strings and easily swapped. The compiler accepts any of them as a string, but none in
 * place of another. In JSON they are plain strings.
 */

declare const kind: unique symbol;
type Id<Kind extends string> = string & { readonly [kind]: Kind };

/**
 * The id of a run in labels, names and reports, such as `20261122-130030-20f1703db3924054`. It is not Temporal's run
 * id.
 */
export type RunId = Id<'RunId'>;

/** The id of a workflow in Temporal. */
export type WorkflowId = Id<'WorkflowId'>;

/**
 * Temporal's run id of the first run in a workflow's chain. A reset or continued workflow gets another run id, but
 * keeps this one, so objects are marked with it.
 */
export type FirstRunId = Id<'FirstRunId'>;

export function asRunId(text: string): RunId {
  return text as RunId;
}

export function asWorkflowId(text: string): WorkflowId {
  return text as WorkflowId;
}

export function asFirstRunId(text: string): FirstRunId {
  return text as FirstRunId;
}
