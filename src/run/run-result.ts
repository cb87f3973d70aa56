import type { Phase } from '../aicr/phase.ts';
import type { CtrfReport } from '../aicr/result/ctrf.ts';
import type { Status } from '../aicr/result/status.ts';
import type { Cause } from './ending/cause.ts';

/** The result of a run. The fields are in the order in which a person reads them in the Web UI. */
export interface RunResult {
  /**
   * By the contract's rule for phases: `failed` if any validator failed, else `other` if any is `other`, else `passed`.
   */
  verdict: Status;
  cluster: string;
  runId: string;
  counts: { tests: number; passed: number; failed: number; skipped: number; other: number };
  /** The validators that neither passed nor were skipped. */
  problems: { name: string; phase: Phase; status: Status; cause: Cause; message: string; evidence?: string }[];
  cleanup: 'complete' | 'incomplete';
  /** The objects that cleanup could not remove: kind and name, what blocks the deletion, and what to do. */
  left: string[];
  /** The objects that stay on the cluster because the request's `cleanup` says so, by kind and name. */
  kept: string[];
  /** When the sweep may remove the last of {@link kept}, in RFC 3339; undefined if nothing was kept. */
  keptUntil?: string;
  /** Parts of the request that have no effect, or perhaps not the intended one; found before the run began. */
  warnings: string[];
  /** The ConfigMaps that hold the phases' reports, until they expire. */
  reports: string[];
  /** The merged report, cut to a fixed size. A test whose text was cut has `extra.truncated`. */
  report: CtrfReport;
}
