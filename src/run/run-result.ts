import type { Phase } from '../aicr/phase.ts';
import type { CtrfReport } from '../aicr/result/ctrf.ts';
import type { Status } from '../aicr/result/status.ts';
import type { Cause } from './ending/cause.ts';

/** What a run has come to; its order is the order in which a person reads it in the Web UI. */
export interface RunResult {
  /** `failed` and `other` as the contract's phases: any failed, else any other, else passed. */
  verdict: Status;
  cluster: string;
  runId: string;
  counts: { tests: number; passed: number; failed: number; skipped: number; other: number };
  /** The validators that did not pass and were not skipped. */
  problems: { name: string; phase: Phase; status: Status; cause: Cause; message: string; evidence?: string }[];
  cleanup: 'complete' | 'incomplete';
  /** What is still on the cluster although it should not be: kind and name, what holds it, and what to do. */
  left: string[];
  /** What stays on the cluster because the request's `cleanup` says so, by kind and name. */
  kept: string[];
  /** When the sweep may remove the last of {@link kept}, in RFC 3339; absent where nothing was kept. */
  keptUntil?: string;
  /** What somebody may have meant otherwise, said before the run began. */
  warnings: string[];
  /** The ConfigMaps that hold the phases' reports, until they expire. */
  reports: string[];
  /** The merged report, inside a fixed budget: where it had to be cut, `extra.truncated` of a test says so. */
  report: CtrfReport;
}
