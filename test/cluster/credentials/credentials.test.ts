import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { until } from '../../../dev/poll.ts';
import { type ExecConfig, ExecCredential } from '../../../src/cluster/credentials/exec-credential.ts';
import { kubeConfigSource } from '../../../src/cluster/credentials/kubeconfig.ts';
import { CONFIG_MAPS } from '../../../src/cluster/resources.ts';
import { Connection } from '../../../src/cluster/transport/connection.ts';
import { client, owned, refusal } from '../../fakes/client.ts';
import { FakeApiServer, json, type ReceivedRequest, status } from '../../fakes/fake-api-server.ts';

const ref = { resource: CONFIG_MAPS, namespace: 'ns', name: 'a' };
const unauthorized = status(401, 'Unauthorized', 'Unauthorized');

let folder: string;
let fake: FakeApiServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proctor-credentials-'));
  fake = owned(await FakeApiServer.start()).answer(json(200, { metadata: { name: 'a' } }));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const tokens = () => fake.requests.map(({ headers }) => headers.authorization);
const file = (name: string) => join(folder, name);

function accept(...good: string[]): void {
  fake.answer((request: ReceivedRequest, response) =>
    good.includes(request.headers.authorization?.replace('Bearer ', '') ?? '')
      ? undefined
      : unauthorized(request, response),
  );
}

/** An exec plugin: a script that counts its runs and executes `print`. */
function plugin(print: string, more = ''): { exec: ExecConfig; runs: () => number } {
  const script = file('plugin.sh');
  writeFileSync(script, `#!/bin/sh\necho run >> '${file('runs')}'\n${more}\n${print}\n`);
  chmodSync(script, 0o755);
  const runs = () => (existsSync(file('runs')) ? readFileSync(file('runs'), 'utf8').trim().split('\n').length : 0);
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: script }, runs };
}

function credential(status_: object): string {
  const printed = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: status_ };
  return `echo '${JSON.stringify(printed)}'`;
}

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

describe('exec plugin', () => {
  it('runs once for fifty parallel calls', async () => {
    const { exec, runs } = plugin(credential({ token: 'one', expirationTimestamp: inMs(3_600_000) }), 'sleep 0.2');
    const api = client({ server: fake.url.href, user: { exec } });
    await Promise.all(Array.from({ length: 50 }, () => api.get(ref)));
    expect(runs()).toBe(1);
    expect(new Set(tokens())).toEqual(new Set(['Bearer one']));
  });

  it('runs once for all callers that ask while it is running', async () => {
    const { exec, runs } = plugin(credential({ token: 'one' }), 'sleep 0.1');
    const credentials = new ExecCredential('c', exec, {});
    const all = await Promise.all(Array.from({ length: 5 }, () => credentials.current()));
    expect(all.map(({ token }) => token)).toEqual(Array(5).fill('one'));
    expect(runs()).toBe(1);
  });

  it('runs again in the background before its token expires', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { exec, runs } = plugin(`. '${file('token')}'`);
    writeFileSync(file('token'), credential({ token: 'old', expirationTimestamp: inMs(3_600_000) }));
    const credentials = new ExecCredential('c', exec, {});
    await credentials.current();
    writeFileSync(file('token'), credential({ token: 'new', expirationTimestamp: inMs(7_200_000) }));
    vi.setSystemTime(Date.now() + 3_600_000 - 61_000);
    expect((await credentials.current()).token).toBe('old');
    expect(runs()).toBe(1);
    vi.setSystemTime(Date.now() + 2_000);
    expect((await credentials.current()).token).toBe('old');
    await until('the new token is there', async () => (await credentials.current()).token === 'new');
    expect(runs()).toBe(2);
    // An expired token is not used.
    vi.setSystemTime(Date.now() + 7_200_000);
    writeFileSync(file('token'), credential({ token: 'newest', expirationTimestamp: inMs(3_600_000) }));
    expect((await credentials.current()).token).toBe('newest');
  });

  it('runs again when the server refuses its token before it expires', async () => {
    const { exec, runs } = plugin(`. '${file('token')}'`);
    writeFileSync(file('token'), credential({ token: 'revoked' }));
    const api = client({ server: fake.url.href, user: { exec } });
    await api.get(ref);
    writeFileSync(file('token'), credential({ token: 'fresh' }));
    accept('fresh');
    await Promise.all(Array.from({ length: 20 }, () => api.get(ref)));
    expect(runs()).toBe(2);
  });

  it('reports the command, exit code and stderr of a plugin that fails, and sends no request', async () => {
    const { exec } = plugin('exit 3', 'echo "your session has expired, run: login" >&2');
    const error = await refusal(client({ server: fake.url.href, user: { exec } }).get(ref));
    expect(error.kind).toBe('unauthorized');
    expect(error.message).toContain(
      `${file('plugin.sh')}: the command ended with exit code 3: your session has expired, run: login`,
    );
    expect(fake.requests).toEqual([]);
  });

  it('reports a plugin that does not exist', async () => {
    const error = await refusal(
      client({ server: fake.url.href, user: { exec: { command: 'no-such-plugin' } } }).get(ref),
    );
    expect(error.message).toContain('no-such-plugin: the command could not be started (ENOENT)');
  });

  it.each([
    ['no JSON', 'echo secret-token', 'the command did not print JSON'],
    [
      'no token',
      'echo "{\\"status\\":{\\"x\\":\\"secret-token\\"}}"',
      'the command returned neither a token nor a client certificate',
    ],
  ])('does not quote the output of a plugin that prints %s', async (_name, print, said) => {
    const { exec } = plugin(print);
    const error = await refusal(client({ server: fake.url.href, user: { exec } }).get(ref));
    expect(error.message).toContain(said);
    expect(error.message).not.toContain('secret');
  });

  it('passes the cluster to a plugin with provideClusterInfo', async () => {
    const { exec } = plugin(credential({ token: 't' }), `printf %s "$KUBERNETES_EXEC_INFO" > '${file('info')}'`);
    const user = { exec: { ...exec, provideClusterInfo: true, env: [{ name: 'A', value: 'b' }] } };
    await client({ server: fake.url.href, user }).get(ref);
    expect(JSON.parse(readFileSync(file('info'), 'utf8'))).toMatchObject({
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: fake.url.href } },
    });
  });

  it('ends a running plugin when the connection is closed', async () => {
    const { exec, runs } = plugin(credential({ token: 't' }), 'exec sleep 60');
    const api = client({ server: fake.url.href, user: { exec } });
    const call = refusal(api.get(ref));
    await until('the plugin runs', () => runs() === 1);
    await api.connection.close();
    expect((await call).message).toContain('the connection was closed');
  });
});

describe('token file', () => {
  const user = () => ({ authProvider: { name: 'tokenFile', config: { tokenFile: file('token') } } });

  it('sends a token without the newline that ends its file', async () => {
    writeFileSync(file('token'), 'one\n');
    await client({ server: fake.url.href, user: user() }).get(ref);
    expect(tokens()).toEqual(['Bearer one']);
  });

  it('reads a renewed token and tries once more when the server refuses the old one', async () => {
    writeFileSync(file('token'), 'old');
    const api = client({ server: fake.url.href, user: user() });
    await api.get(ref);
    writeFileSync(file('token'), 'new');
    accept('new');
    await api.get(ref);
    expect(tokens()).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
  });

  it('fails with `unauthorized` after two tries, and then with one try for each call', async () => {
    // The file is read again at most once a second, whichever call is refused.
    vi.useFakeTimers({ toFake: ['performance'] });
    writeFileSync(file('token'), 'bad');
    accept('good');
    const api = client({ server: fake.url.href, user: user() });
    expect(await refusal(api.get(ref))).toMatchObject({ kind: 'unauthorized' });
    expect(fake.requests).toHaveLength(2);
    expect(await refusal(api.get(ref))).toMatchObject({ kind: 'unauthorized' });
    expect(fake.requests).toHaveLength(3);
  });
});

describe('kubeconfig file', () => {
  const write = (token: string, server = fake.url.href, name = 'kubeconfig') =>
    writeFileSync(
      file(name),
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'u', user: { token } }],
        contexts: [
          { name: 'x', context: { cluster: 'c', user: 'u' } },
          { name: 'y', context: { cluster: 'c', user: 'u' } },
        ],
        'current-context': 'x',
      }),
    );
  const connection = () =>
    owned(
      new Connection('test', kubeConfigSource('test', { kubeconfig: file('kubeconfig') }), { userAgent: 'x', env: {} }),
    );
  const get = (from: Connection) => from.json({ call: { verb: 'get', resource: 'x' }, method: 'GET', path: '/x' });

  it('reads a rewritten kubeconfig when the server refuses the old credentials', async () => {
    write('old');
    const one = connection();
    await get(one);
    write('renewed');
    accept('renewed');
    await get(one);
    expect(tokens()).toEqual(['Bearer old', 'Bearer old', 'Bearer renewed']);
  });

  it('runs the plugin of a rewritten kubeconfig when the server refuses the token of the old plugin', async () => {
    const named = (command: string) =>
      write('') ??
      writeFileSync(
        file('kubeconfig'),
        readFileSync(file('kubeconfig'), 'utf8').replace('"token":""', `"exec":{"command":"${command}"}`),
      );
    const script = (name: string, token: string) => {
      writeFileSync(file(name), `#!/bin/sh\n${credential({ token })}\n`);
      chmodSync(file(name), 0o755);
      return file(name);
    };
    named(script('first.sh', 'old'));
    const one = connection();
    await get(one);
    named(script('second-one.sh', 'new'));
    accept('new');
    await get(one);
    expect(tokens()).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
  });

  it('uses the last kubeconfig while the file is incomplete or missing', () => {
    write('old');
    const source = kubeConfigSource('test', { kubeconfig: file('kubeconfig') });
    const before = source();
    writeFileSync(file('kubeconfig'), '{"clusters": [');
    expect(source()).toBe(before);
    rmSync(file('kubeconfig'));
    expect(source()).toBe(before);
  });

  it('keeps the context of its start when the current context is switched', () => {
    write('old');
    const source = kubeConfigSource('test', { kubeconfig: file('kubeconfig') });
    writeFileSync(
      file('kubeconfig'),
      readFileSync(file('kubeconfig'), 'utf8').replace('"current-context":"x"', '"current-context":"y"'),
    );
    expect(source().getCurrentContext()).toBe('x');
  });

  it('sends the token of a tokenFile, whose path is relative to the kubeconfig', async () => {
    write('');
    const text = readFileSync(file('kubeconfig'), 'utf8').replace('"token":""', '"tokenFile":"token"');
    writeFileSync(file('kubeconfig'), text);
    writeFileSync(file('token'), 'from-file\n');
    await get(connection());
    expect(tokens()).toEqual(['Bearer from-file']);
  });

  it.each([
    ['is missing', () => undefined, {}, 'ENOENT'],
    ['lacks the context', () => write('t'), { context: 'z' }, 'it has no context z; it has x, y'],
    ['is empty', () => writeFileSync(file('kubeconfig'), ''), {}, 'read the kubeconfig'],
  ])('fails at the start if the kubeconfig %s', (_name, make, more, said) => {
    make();
    expect(() => kubeConfigSource('test', { kubeconfig: file('kubeconfig'), ...more })).toThrow(said);
  });
});
