/** What passed through the proxy. */
export interface Counts {
  /** Calls other than watches, by scope, verb and resource: `validator: patch jobs.batch`, `run: list pods`. */
  calls: Record<string, number>;
  watches: Record<string, number>;
  /** TLS connections. */
  opened: number;
  /** The largest number of TLS connections at once. */
  mostOpen: number;
  watchedBytes: number;
  otherBytes: number;
  watchEvents: number;
}

/** Names of Jobs, each with a time in nanoseconds. The time is text, because IPC messages are JSON. */
export type Times = [name: string, at: string][];

/** What the proxy's process is asked to do. */
export type Command = 'report' | 'reset';
export type Reply = { port: number } | { done: true } | { counts: Counts; ends: Times };

export interface Call {
  verb: string;
  resource: string;
  scope: 'validator' | 'run';
}

const VERBS: Record<string, string> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const PATH =
  /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+(?:\/namespaces\/[^/]+(?=\/))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<sub>[^/]+))?$/;

/** Classifies a call to the Kubernetes API by method and URL. The shared watches' calls belong to the run. */
export function classify(method: string, url: string): Call {
  const { pathname, searchParams } = new URL(url, 'https://server');
  const { group, plural = pathname, name, sub } = PATH.exec(pathname)?.groups ?? {};
  const resource = plural + (group === undefined ? '' : `.${group}`) + (sub === undefined ? '' : `/${sub}`);
  if (method === 'GET' && name === undefined) {
    const isWatch = searchParams.get('watch') === 'true';
    // The pods of one Job, or the events of one pod.
    const selectors = `${searchParams.get('labelSelector')} ${searchParams.get('fieldSelector')}`;
    const ofOneJob = /controller-uid|involvedObject/.test(selectors);
    return { verb: isWatch ? 'watch' : 'list', resource, scope: ofOneJob ? 'validator' : 'run' };
  }
  const ofValidator = plural === 'jobs' || plural === 'pods' || name?.startsWith('proctor-result-') === true;
  return { verb: VERBS[method] ?? 'get', resource, scope: ofValidator ? 'validator' : 'run' };
}

export function total(counts: Record<string, number>, prefix = ''): number {
  return Object.entries(counts).reduce((sum, [key, count]) => (key.startsWith(prefix) ? sum + count : sum), 0);
}
