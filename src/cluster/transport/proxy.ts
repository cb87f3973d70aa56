import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The URL of the proxy to use for a server; undefined for a direct connection. The rules are those of Go's `net/http`,
 * which kubectl uses, in this order:
 * 1. the kubeconfig's `proxy-url`, whatever the environment says;
 * 2. no proxy, if the server is this machine or NO_PROXY matches it;
 * 3. HTTPS_PROXY or HTTP_PROXY, by the server's scheme.
 *
 * undici's own NO_PROXY does not support address ranges, and a pod's NO_PROXY consists mostly of them.
 */
export function proxyFor(server: URL, proxyUrl: string | undefined, env: Environment): string | undefined {
  if (proxyUrl !== undefined && proxyUrl !== '') return proxyUrl;
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = setting(env, name);
  if (proxy === undefined || bypasses(server, setting(env, 'NO_PROXY'))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function setting(env: Environment, name: string): string | undefined {
  return env[name] || env[name.toLowerCase()] || undefined;
}

function bypasses(server: URL, noProxy = ''): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || inRange(host, '127.0.0.0/8') || host === '::1') return true;
  const entries = noProxy.split(',').map((entry) => entry.trim().toLowerCase());
  return entries.some((entry) => entry !== '' && matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return inRange(host, entry);
  const [, name = entry, only] = /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  if (only !== undefined && only !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return bare === host;
  // `.example.com` matches the names below it; `example.com` matches itself too.
  const suffix = bare.replace(/^\*(?=\.)/, '');
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function inRange(host: string, range: string): boolean {
  const [net = '', bits = ''] = range.split('/');
  const family = isIP(net);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits)) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  try {
    const list = new BlockList();
    list.addSubnet(net, Number(bits), type);
    return list.check(host, type);
  } catch {
    return false;
  }
}
