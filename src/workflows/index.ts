export { planQuery, planValidation } from './plan-validation.ts';
export { progressQuery } from './progress.ts';
export { runValidator } from './run-validator.ts';
export { sweep } from './sweep.ts';
export { validateCluster } from './validate-cluster.ts';
