import type { Moment } from './gate.ts';

const JOB = /\/jobs\/aicr-/;

/** Where in a validator's life, and in its run's, something can happen. */
export const APPLY: Moment = { method: 'PATCH', path: JOB, at: 'request' };
export const APPLIED: Moment = { method: 'PATCH', path: JOB, at: 'answer' };
/** The wait has ended, the result is not read: the log is what is asked for first. */
export const READING: Moment = { method: 'GET', path: /\/pods\/[^/]+\/log/, at: 'answer' };
export const DELETING: Moment = { method: 'DELETE', path: JOB, at: 'request' };
export const DELETED: Moment = { method: 'DELETE', path: JOB, at: 'answer' };
export const BOUND: Moment = { method: 'PATCH', path: /\/clusterrolebindings\/aicr-validator-/, at: 'answer' };
export const UNBOUND: Moment = { method: 'DELETE', path: /\/clusterrolebindings\/aicr-validator-/, at: 'answer' };
export const ANCHOR_DELETED: Moment = { method: 'DELETE', path: /\/configmaps\/proctor-/, at: 'answer' };
