/** Why a call to an API server failed. Every error that `cluster/` throws has one of these kinds. */
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

/** Names a call for people: `create jobs.batch aicr-dns-1a2b3c4d in namespace aicr-validation`. */
export interface CallName {
  verb: string;
  /** Plural and group, as `kubectl auth can-i` takes it: `jobs.batch`, `configmaps`. */
  resource: string;
  namespace?: string | undefined;
  name?: string | undefined;
}

/** The fields of a Kubernetes Status that are used here, with shortened texts (`transport/kubernetes-status.ts`). */
export interface Status {
  code?: number;
  reason?: string;
  message?: string;
  details?: { retryAfterSeconds?: number; causes?: { reason?: string; message?: string; field?: string }[] };
}

/**
 * A call to an API server failed. The message names the call, the cluster and the reason. It contains nothing of the
 * answer but the Status's message. client-node's `ApiException` contains headers and body, which may hold tokens.
 */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  readonly kind: ClusterErrorKind;
  readonly cluster: string;
  readonly call: CallName;
  readonly status: Status | undefined;
  /** How long the server asked clients to wait. Milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Whether the server has certainly not carried out the call: the call was never sent, or was refused beforehand. */
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

const TRANSIENT: ReadonlySet<ClusterErrorKind> = new Set([
  'unreachable',
  'timeout',
  'server-error',
  'too-many-requests',
]);

/** Whether the failure may be temporary, so that a retry may succeed. */
export function isTransient(error: unknown): error is ClusterError {
  return error instanceof ClusterError && TRANSIENT.has(error.kind);
}

/** Whether a ResourceQuota refused the call. It is a 403 like RBAC's, but a retry may succeed after other pods end. */
export function isQuotaRefusal(error: ClusterError): boolean {
  return error.kind === 'forbidden' && /exceeded quota/.test(error.status?.message ?? '');
}
