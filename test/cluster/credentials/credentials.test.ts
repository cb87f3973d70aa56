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
import { type Asked, FakeApiServer, json, status } from '../../fakes/fake-api-server.ts';

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

const tokens = () => fake.asked.map(({ headers }) => headers.authorization);
const file = (name: string) => join(folder, name);

function accept(...good: string[]): void {
  fake.answer((asked: Asked, response) =>
    good.includes(asked.headers.authorization?.replace('Bearer ', '') ?? '')
      ? undefined
      : unauthorized(asked, response),
  );
}

/** An exec plugin: a script that counts its runs and prints what `print` says. */
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
  it('is run once for fifty calls at the same time', async () => {
    const { exec, runs } = plugin(credential({ token: 'one', expirationTimestamp: inMs(3_600_000) }), 'sleep 0.2');
    const api = client({ server: fake.url.href, user: { exec } });
    await Promise.all(Array.from({ length: 50 }, () => api.get(ref)));
    expect(runs()).toBe(1);
    expect(new Set(tokens())).toEqual(new Set(['Bearer one']));
  });

  it('is run once for all who ask while it runs, however long it takes', async () => {
    const { exec, runs } = plugin(credential({ token: 'one' }), 'sleep 0.1');
    const credentials = new ExecCredential('c', exec, {});
    const all = await Promise.all(Array.from({ length: 5 }, () => credentials.current()));
    expect(all.map(({ token }) => token)).toEqual(Array(5).fill('one'));
    expect(runs()).toBe(1);
  });

  it('is run again before its token expires, and nobody waits for it', async () => {
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
    // Past its end the old one is used by nobody.
    vi.setSystemTime(Date.now() + 7_200_000);
    writeFileSync(file('token'), credential({ token: 'newest', expirationTimestamp: inMs(3_600_000) }));
    expect((await credentials.current()).token).toBe('newest');
  });

  it('is run again when the server refuses its token, whatever its expiry says', async () => {
    const { exec, runs } = plugin(`. '${file('token')}'`);
    writeFileSync(file('token'), credential({ token: 'revoked' }));
    const api = client({ server: fake.url.href, user: { exec } });
    await api.get(ref);
    writeFileSync(file('token'), credential({ token: 'fresh' }));
    accept('fresh');
    await Promise.all(Array.from({ length: 20 }, () => api.get(ref)));
    expect(runs()).toBe(2);
  });

  it('that fails: the call says which, how it ended and what it said; nothing was asked', async () => {
    const { exec } = plugin('exit 3', 'echo "your session has expired, run: login" >&2');
    const error = await refusal(client({ server: fake.url.href, user: { exec } }).get(ref));
    expect(error.kind).toBe('unauthorized');
    expect(error.message).toContain(
      `${file('plugin.sh')}: the command ended with exit code 3: your session has expired, run: login`,
    );
    expect(fake.asked).toEqual([]);
  });

  it('that is not there', async () => {
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
  ])('that prints %s: its output is not quoted', async (_name, print, said) => {
    const { exec } = plugin(print);
    const error = await refusal(client({ server: fake.url.href, user: { exec } }).get(ref));
    expect(error.message).toContain(said);
    expect(error.message).not.toContain('secret');
  });

  it('is told about the cluster when it wants to know', async () => {
    const { exec } = plugin(credential({ token: 't' }), `printf %s "$KUBERNETES_EXEC_INFO" > '${file('info')}'`);
    const user = { exec: { ...exec, provideClusterInfo: true, env: [{ name: 'A', value: 'b' }] } };
    await client({ server: fake.url.href, user }).get(ref);
    expect(JSON.parse(readFileSync(file('info'), 'utf8'))).toMatchObject({
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: fake.url.href } },
    });
  });

  it('still running when the connection is closed is ended', async () => {
    const { exec, runs } = plugin(credential({ token: 't' }), 'exec sleep 60');
    const api = client({ server: fake.url.href, user: { exec } });
    const call = refusal(api.get(ref));
    await until('it runs', () => runs() === 1);
    await api.connection.close();
    expect((await call).message).toContain('the connection was closed');
  });
});

describe('token file', () => {
  const user = () => ({ authProvider: { name: 'tokenFile', config: { tokenFile: file('token') } } });

  it('that ends with a newline is sent without it', async () => {
    writeFileSync(file('token'), 'one\n');
    await client({ server: fake.url.href, user: user() }).get(ref);
    expect(tokens()).toEqual(['Bearer one']);
  });

  it('that was renewed: read again when the server refuses the old token, with one more try', async () => {
    writeFileSync(file('token'), 'old');
    const api = client({ server: fake.url.href, user: user() });
    await api.get(ref);
    writeFileSync(file('token'), 'new');
    accept('new');
    await api.get(ref);
    expect(tokens()).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
  });

  it('that is refused for good: two tries, then `unauthorized`, and no hammering', async () => {
    // The file is read again once a second, whoever is refused.
    vi.useFakeTimers({ toFake: ['performance'] });
    writeFileSync(file('token'), 'bad');
    accept('good');
    const api = client({ server: fake.url.href, user: user() });
    expect(await refusal(api.get(ref))).toMatchObject({ kind: 'unauthorized' });
    expect(fake.asked).toHaveLength(2);
    expect(await refusal(api.get(ref))).toMatchObject({ kind: 'unauthorized' });
    expect(fake.asked).toHaveLength(3);
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

  it('that was written anew is read again when the server refuses what it said', async () => {
    write('old');
    const one = connection();
    await get(one);
    write('renewed');
    accept('renewed');
    await get(one);
    expect(tokens()).toEqual(['Bearer old', 'Bearer old', 'Bearer renewed']);
  });

  it('that names another plugin by now: the new one is run when the server refuses the old one’s token', async () => {
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

  it('that is half written: what it said before is used on', () => {
    write('old');
    const source = kubeConfigSource('test', { kubeconfig: file('kubeconfig') });
    const before = source();
    writeFileSync(file('kubeconfig'), '{"clusters": [');
    expect(source()).toBe(before);
    rmSync(file('kubeconfig'));
    expect(source()).toBe(before);
  });

  it('whose current context is switched moves no worker', () => {
    write('old');
    const source = kubeConfigSource('test', { kubeconfig: file('kubeconfig') });
    writeFileSync(
      file('kubeconfig'),
      readFileSync(file('kubeconfig'), 'utf8').replace('"current-context":"x"', '"current-context":"y"'),
    );
    expect(source().getCurrentContext()).toBe('x');
  });

  it('with a tokenFile of its user: its token is sent, and the path is the kubeconfig’s', async () => {
    write('');
    const text = readFileSync(file('kubeconfig'), 'utf8').replace('"token":""', '"tokenFile":"token"');
    writeFileSync(file('kubeconfig'), text);
    writeFileSync(file('token'), 'from-file\n');
    await get(connection());
    expect(tokens()).toEqual(['Bearer from-file']);
  });

  it.each([
    ['not there', () => undefined, {}, 'ENOENT'],
    ['without that context', () => write('t'), { context: 'z' }, 'it has no context z; it has x, y'],
    ['empty', () => writeFileSync(file('kubeconfig'), ''), {}, 'read the kubeconfig'],
  ])('%s: the worker says so at its start', (_name, make, more, said) => {
    make();
    expect(() => kubeConfigSource('test', { kubeconfig: file('kubeconfig'), ...more })).toThrow(said);
  });
});
