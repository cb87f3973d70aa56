/** What kind of trouble a call to an API server met. A closed list: everything that is thrown from `cluster/` is one of these. */
export type ClusterErrorKind =
  | 'not-found'
  | 'already-exists'
  | 'conflict'
  | 'forbidden'
  | 'unauthorized'
  | 'invalid'
  | 'expired'
  | 'too-many-requests'
  | 'server-error'
  | 'timeout'
  | 'unreachable'
  | 'configuration'
  | 'unexpected';

/** The call that failed, as a person names it: `create jobs.batch aicr-dns-1a2b3c4d in namespace aicr-validation`. */
export interface CallName {
  verb: string;
  /** Plural and group, as `kubectl auth can-i` takes it: `jobs.batch`, `configmaps`. */
  resource: string;
  namespace?: string | undefined;
  name?: string | undefined;
}

/** The part of a Kubernetes Status that is used; every text in it is bounded (`status.ts`). */
export interface Status {
  code?: number;
  reason?: string;
  message?: string;
  details?: { retryAfterSeconds?: number; causes?: { reason?: string; message?: string; field?: string }[] };
}

/**
 * A call to an API server failed. The message names the call, the cluster and the reason; response headers and bodies never get into it
 * beside the Status' own message (client-node's `ApiException` puts both in, tokens included).
 */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  readonly kind: ClusterErrorKind;
  readonly cluster: string;
  readonly call: CallName;
  readonly status: Status | undefined;
  /** How long the server asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The server surely did nothing: there was no connection, or it refused before it looked. Then any call may be made again. */
  readonly safeToRepeat: boolean;

  constructor(
    kind: ClusterErrorKind,
    cluster: string,
    call: CallName,
    detail: string,
    more: { status?: Status | undefined; retryAfterMs?: number | undefined; safeToRepeat?: boolean } = {},
  ) {
    super(`${kind}: ${describeCall(call)} on cluster ${cluster}: ${detail}`);
    this.kind = kind;
    this.cluster = cluster;
    this.call = call;
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
    this.safeToRepeat = more.safeToRepeat ?? false;
  }
}

export function describeCall({ verb, resource, namespace, name }: CallName): string {
  return `${verb} ${resource}${name === undefined ? '' : ` ${name}`}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}

export function isKind(error: unknown, ...kinds: ClusterErrorKind[]): error is ClusterError {
  return error instanceof ClusterError && kinds.includes(error.kind);
}

/** What may pass by itself: the same call, made again a little later, may get another answer. */
const PASSING: ReadonlySet<ClusterErrorKind> = new Set(['unreachable', 'timeout', 'server-error', 'too-many-requests']);

export function mayPass(error: unknown): error is ClusterError {
  return error instanceof ClusterError && PASSING.has(error.kind);
}

/** A refusal that is about quota is a 403 as RBAC's is, but it may pass once others have ended (kube's ResourceQuota admission). */
export function isQuotaRefusal(error: ClusterError): boolean {
  return error.kind === 'forbidden' && /exceeded quota/.test(error.status?.message ?? '');
}
