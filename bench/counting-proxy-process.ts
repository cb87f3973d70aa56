// The counting proxy's process. It terminates TLS in front of a real API server, counts the calls that pass, and
// records when the watch event with a Job's end arrived. So the figures do not depend on the client's own reports.
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import type { Command, Counts, Reply } from './call-counts.ts';
import { classify } from './call-counts.ts';

const [kubeconfig = '', serverCert = '', serverKey = ''] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const upstream = new URL(config.getCurrentCluster()?.server ?? '');
const from64 = (text: string | undefined) => Buffer.from(text ?? '', 'base64');
const agent = new Agent({
  keepAlive: true,
  ca: from64(config.getCurrentCluster()?.caData),
  cert: from64(config.getCurrentUser()?.certData),
  key: from64(config.getCurrentUser()?.keyData),
});

let counts = newCounts();
let open = 0;
/** When the watch event with a Job's end arrived, by the Job's name. Nanoseconds of the machine's monotonic clock. */
let ends = new Map<string, bigint>();

function newCounts(): Counts {
  return { calls: {}, watches: {}, opened: 0, mostOpen: 0, watchedBytes: 0, otherBytes: 0, watchEvents: 0 };
}

function add(to: Record<string, number>, key: string): void {
  to[key] = (to[key] ?? 0) + 1;
}

function forward(from: IncomingMessage, to: ServerResponse): void {
  const call = classify(from.method ?? '', from.url ?? '');
  if (call.verb === 'watch') add(counts.watches, `${call.verb} ${call.resource}`);
  else add(counts.calls, `${call.scope}: ${call.verb} ${call.resource}`);
  const options = { agent, method: from.method, path: from.url, headers: { ...from.headers, host: upstream.host } };
  const ask = request(upstream, options, (answer) => {
    to.writeHead(answer.statusCode ?? 502, answer.headers);
    to.flushHeaders();
    if (call.verb === 'watch') forwardWatch(answer, to, call.resource);
    else forwardBody(answer, to);
  });
  ask.on('error', () => to.destroy());
  to.on('close', () => ask.destroy());
  from.pipe(ask);
}

function forwardBody(answer: IncomingMessage, to: ServerResponse): void {
  answer.on('data', (chunk: Buffer) => {
    counts.otherBytes += chunk.length;
  });
  answer.pipe(to);
  answer.on('error', () => to.destroy());
}

function forwardWatch(answer: IncomingMessage, to: ServerResponse, resource: string): void {
  let rest = '';
  answer.on('data', (chunk: Buffer) => {
    const at = process.hrtime.bigint();
    to.write(chunk);
    counts.watchedBytes += chunk.length;
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    counts.watchEvents += lines.length;
    if (resource === 'jobs.batch') for (const line of lines) recordEnd(line, at);
  });
  answer.on('end', () => to.end());
  answer.on('error', () => to.destroy());
}

function recordEnd(line: string, at: bigint): void {
  if (!/"type":"(Complete|Failed)","status":"True"/.test(line)) return;
  const name = /"metadata":\{"name":"([^"]+)"/.exec(line)?.[1];
  if (name !== undefined && !ends.has(name)) ends.set(name, at);
}

const server = createServer({ cert: readFileSync(serverCert), key: readFileSync(serverKey) }, forward);
server.keepAliveTimeout = 90_000;
server.on('secureConnection', (socket) => {
  counts.opened++;
  counts.mostOpen = Math.max(counts.mostOpen, ++open);
  socket.setNoDelay(true);
  // The connection counts as closed once the client closes it. This side may close it later.
  let isOpen = true;
  const ended = () => {
    if (isOpen) open--;
    isOpen = false;
  };
  socket.once('end', ended).once('close', ended);
});
server.listen(0, '127.0.0.1', () => send({ port: (server.address() as AddressInfo).port }));

function send(reply: Reply): void {
  process.send?.(reply);
}

process.on('message', (command: Command) => {
  if (command === 'report') send({ counts, ends: [...ends].map(([name, at]) => [name, String(at)]) });
  if (command === 'reset') {
    counts = { ...newCounts(), mostOpen: open };
    ends = new Map();
    send({ done: true });
  }
});
process.on('disconnect', () => process.exit());
