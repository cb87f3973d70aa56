import { defineQuery } from '@temporalio/workflow';
import { checkRequest } from '../run/plan/check-request.ts';
import { planRun, type RunPlan } from '../run/plan/run-plan.ts';
import type { ValidateClusterRequest } from '../run/plan/validate-cluster-request.ts';
import { activitiesOn } from './activity-stubs.ts';
import { examined, refuse } from './request-preflight.ts';

/** The plan of a run, as {@link planValidation} answers it, of a run that has passed preflight. */
export const planQuery = defineQuery<RunPlan>('plan');

/**
 * What `validateCluster` would deploy for the same request, or everything that it would refuse it for: preflight and nothing else. Nothing
 * is written to the cluster, and nothing read from it but a ConfigMap that holds a catalog.
 */
export async function planValidation(request: ValidateClusterRequest): Promise<RunPlan> {
  refuse(checkRequest(request));
  return planRun(await examined(request, activitiesOn(request.cluster), { lookForTexts: false }));
}
