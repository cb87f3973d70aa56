import { codeOf, messageOf } from '../../run/error-message.ts';
import { type CallName, ClusterError } from '../cluster-error.ts';
import { bounded } from './kubernetes-status.ts';

/** No connection was established, so the request was not sent. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PROXY.*)$/;
/** The TLS handshake failed: the CA or a certificate has changed, or is wrong. */
const TLS_FAILED =
  /^(CERT_|ERR_TLS_CERT|ERR_SSL_|ERR_OSSL|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

/** Turns an error of undici or Node into a {@link ClusterError}. Their messages contain no headers and no bodies. */
export function networkError(cluster: string, host: string, call: CallName, error: unknown): ClusterError {
  if (error instanceof ClusterError) return error;
  const code = codeOf(error) ?? '';
  const timeout = /TIMEOUT|TIMEDOUT/.test(code) && !/CONNECT/.test(code);
  const text = `${host}: ${bounded(messageOf(error))}${code === '' ? '' : ` (${code})`}`;
  return new ClusterError(timeout ? 'timeout' : 'unreachable', cluster, call, text, {
    safeToRepeat: NEVER_SENT.test(code) || TLS_FAILED.test(code),
  });
}

/** Whether the TLS handshake failed, so that another CA or client certificate may help. */
export function isTlsFailure(error: unknown): boolean {
  return TLS_FAILED.test(codeOf(error) ?? '');
}
