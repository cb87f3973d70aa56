import { messageOf } from '../../run/error-message.ts';
import { type CallName, ClusterError } from '../cluster-error.ts';
import { bounded } from './kubernetes-status.ts';

/** There was no connection to send anything over. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PROXY.*)$/;
/** Nobody can be trusted over this connection: the CA or a certificate has changed, or is wrong. */
const NO_TRUST =
  /^(CERT_|ERR_TLS_CERT|ERR_SSL_|ERR_OSSL|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

/** What undici or Node threw, as the small taxonomy has it. Its message is theirs and names no header and no body. */
export function networkError(cluster: string, host: string, call: CallName, error: unknown): ClusterError {
  if (error instanceof ClusterError) return error;
  const code = codeOf(error);
  const timeout = /TIMEOUT|TIMEDOUT/.test(code) && !/CONNECT/.test(code);
  const text = `${host}: ${bounded(messageOf(error))}${code === '' ? '' : ` (${code})`}`;
  return new ClusterError(timeout ? 'timeout' : 'unreachable', cluster, call, text, {
    safeToRepeat: isSafeToRepeat(error),
  });
}

function isSafeToRepeat(error: unknown): boolean {
  return NEVER_SENT.test(codeOf(error)) || trustIsBroken(error);
}

export function trustIsBroken(error: unknown): boolean {
  return NO_TRUST.test(codeOf(error));
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
