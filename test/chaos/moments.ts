import type { Moment } from './gate.ts';

const JOB = /\/jobs\/aicr-/;

// The moments in the life of a validator or its run at which a fault can be injected.
export const APPLY: Moment = { method: 'PATCH', path: JOB, at: 'request' };
export const APPLIED: Moment = { method: 'PATCH', path: JOB, at: 'answer' };
/** After the wait and before the result is read. The log is what Proctor reads first. */
export const READING: Moment = { method: 'GET', path: /\/pods\/[^/]+\/log/, at: 'answer' };
export const DELETING: Moment = { method: 'DELETE', path: JOB, at: 'request' };
export const DELETED: Moment = { method: 'DELETE', path: JOB, at: 'answer' };
export const BOUND: Moment = { method: 'PATCH', path: /\/clusterrolebindings\/aicr-validator-/, at: 'answer' };
export const UNBOUND: Moment = { method: 'DELETE', path: /\/clusterrolebindings\/aicr-validator-/, at: 'answer' };
export const ANCHOR_DELETED: Moment = { method: 'DELETE', path: /\/configmaps\/proctor-/, at: 'answer' };
