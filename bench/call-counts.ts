/** What passed the proxy. */
export interface Counts {
  /** Calls that are answered and done, as `validator: patch jobs.batch`: of a single validator's objects, or of the run's. */
  calls: Record<string, number>;
  watches: Record<string, number>;
  /** TLS connections, and the most at once. */
  opened: number;
  mostOpen: number;
  watchedBytes: number;
  otherBytes: number;
  watchEvents: number;
}

/** Name and time, in nanoseconds as text: IPC is JSON. */
export type Times = [name: string, at: string][];

export type Ask = 'report' | 'reset';
export type Answer = { port: number } | { done: true } | { counts: Counts; ends: Times };

export interface Call {
  verb: string;
  resource: string;
  scope: 'validator' | 'run';
}

const VERBS: Record<string, string> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const PATH =
  /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+(?:\/namespaces\/[^/]+(?=\/))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<sub>[^/]+))?$/;

/** A call to the Kubernetes API, by its method and address. Lists and watches of the shared watch are the run's. */
export function classify(method: string, url: string): Call {
  const { pathname, searchParams } = new URL(url, 'https://server');
  const { group, plural = pathname, name, sub } = PATH.exec(pathname)?.groups ?? {};
  const resource = plural + (group === undefined ? '' : `.${group}`) + (sub === undefined ? '' : `/${sub}`);
  if (method === 'GET' && name === undefined) {
    const isWatch = searchParams.get('watch') === 'true';
    // A Job's pods, a pod's events.
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
