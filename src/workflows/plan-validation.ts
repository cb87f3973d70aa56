import { defineQuery } from '@temporalio/workflow';
import { planRun, type RunPlan } from '../run/plan/run-plan.ts';
import type { ValidateClusterRequest } from '../run/plan/validate-cluster-request.ts';
import { activitiesOn } from './activity-stubs.ts';
import { faultsOfRequest } from './check-input.ts';
import { resolveRequest, throwIfInvalid } from './request-preflight.ts';

/** The plan of a run that has passed preflight, in the form that {@link planValidation} returns. */
export const planQuery = defineQuery<RunPlan>('plan');

/**
 * Returns the Jobs that `validateCluster` would deploy for the same request, or fails with every fault that it would
 * refuse the request for. Writes nothing to the cluster, and reads nothing from it but a ConfigMap that holds a
 * catalog.
 */
export async function planValidation(request: ValidateClusterRequest): Promise<RunPlan> {
  throwIfInvalid(await faultsOfRequest(request));
  return planRun(await resolveRequest(request, activitiesOn(request.cluster), { lookForTexts: false }));
}
