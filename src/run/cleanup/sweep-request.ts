export interface SweepRequest {
  /** The cluster to sweep, by the name under which a worker serves it. */
  cluster: string;
  /** Say what would be removed, and remove nothing. @default false */
  dryRun?: boolean;
  /** How long objects of a run that Temporal does not know are left alone, as a Go duration. @default "1h" */
  minAge?: string;
}

export interface SweepResult {
  cluster: string;
  dryRun: boolean;
  /** Runs that objects were found of, and how many of them are still open. */
  runs: { found: number; open: number };
  /** What was removed, or would be, as `kind/namespace/name`; at most 200. */
  removed: string[];
  /** What could not be removed, and why; at most 200. */
  failed: string[];
}
