import { InvalidRequest } from '../run/plan/invalid-request.ts';
import { type Claim, excess } from '../run/plan/policy.ts';
import type { Policy } from '../run/plan/policy-schema.ts';

/**
 * Refuses what the worker's policy does not allow, where it would be done. Preflight has said so before; this is for a workflow that was
 * started past it (`runValidator` by itself), or begun under a worker whose policy allowed more.
 */
export function enforcePolicy(policy: Policy, claims: readonly Claim[]): void {
  const faults = excess(policy, claims);
  if (faults.length > 0) throw new InvalidRequest(faults);
}
