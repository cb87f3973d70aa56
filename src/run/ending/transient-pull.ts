/**
 * Errors of a registry, or of the network on the way to it, that may pass: rate limits, timeouts, 5xx. All others (not
 * found, denied, an invalid name) last until somebody changes the image, the pull secret or the registry.
 */
const TRANSIENT =
  /too many requests|toomanyrequests|\b429\b|rate.?limit|timeout|timed out|deadline exceeded|i\/o|connection (refused|reset)|unexpected eof|\b50[0234]\b|service unavailable|bad gateway|pull QPS exceeded/i;
const FINAL = /not found|no such host|unauthorized|denied|forbidden|authentication required|invalid reference/i;

/**
 * Whether the kubelet's message about a failed image pull describes an error that may pass without a change by a
 * person.
 */
export function isTransientPull(message: string): boolean {
  return TRANSIENT.test(message) && !FINAL.test(message);
}
