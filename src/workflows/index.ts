export { progressQuery } from './progress.ts';
export { runValidator } from './run-validator.ts';
export { validateCluster } from './validate-cluster.ts';
