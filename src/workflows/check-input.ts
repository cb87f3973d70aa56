/**
 * Checks of a workflow's input. Each loads its schema only when a workflow calls it: a workflow that evaluates zod
 * keeps 0.9 MB of heap while the worker caches it, and `runValidator`, of which there are many, needs no schema
 * (docs/benchmarks.md). `webpackMode: "eager"` keeps the schema in the one bundle that the sandbox can load.
 */
import type { Fault } from '../run/fault.ts';

export async function faultsOfRequest(request: unknown): Promise<Fault[]> {
  const { checkRequest } = await import(/* webpackMode: "eager" */ '../run/plan/check-request.ts');
  return checkRequest(request);
}

export async function faultsOfSweep(request: unknown): Promise<Fault[]> {
  const { checkSweepRequest } = await import(/* webpackMode: "eager" */ '../run/cleanup/sweep-request.ts');
  return checkSweepRequest(request);
}
