import { refuseFaults } from '../run/plan/invalid-request.ts';
import { type Claim, excess } from '../run/plan/policy.ts';
import type { Policy } from '../run/plan/policy-schema.ts';

/**
 * Refuses what the worker's policy does not allow, right before an activity would do it. `examineRequest` checks the
 * same, but a workflow may bypass that check (a `runValidator` that is started directly), or may have started under a
 * policy that allowed more.
 * @throws InvalidRequest with every violation.
 */
export function enforcePolicy(policy: Policy, claims: readonly Claim[]): void {
  refuseFaults(excess(policy, claims));
}
