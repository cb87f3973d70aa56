// The unit tests have no Docker engine. A script replaces `docker` and records its arguments.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import {
  containerName,
  dockerUp,
  isDockerRunning,
  K3S_IMAGE,
  removeDocker,
  rewriteKubeconfig,
  runArguments,
} from '../../dev/cluster-docker.ts';
import { portTable } from '../../dev/ports.ts';
import type { StackState } from '../../dev/state.ts';

const state: StackState = {
  version: 1,
  name: 'dev2',
  slot: 1,
  portBase: 20_000,
  ports: portTable(20_000),
  cluster: 'docker',
  temporalDbFile: false,
};

const k3sKubeconfig = {
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'default',
  clusters: [{ name: 'default', cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': 'Q0E=' } }],
  contexts: [{ name: 'default', context: { cluster: 'default', user: 'default' } }],
  users: [{ name: 'default', user: { 'client-key-data': 'S0VZ' } }],
};

describe('k3s in Docker', () => {
  it('starts the container with the names and ports of the stack', () => {
    const args = runArguments(state);
    const image = args.indexOf(K3S_IMAGE);
    // Arguments before the image are Docker's, those after it are k3s's.
    const [docker, k3s] = [args.slice(0, image), args.slice(image + 1)];
    expect(docker).toEqual(expect.arrayContaining(['run', '--detach', '--privileged', containerName('dev2')]));
    expect(docker).toContain('127.0.0.1:20000:6443');
    expect(k3s.slice(0, 3)).toEqual(['server', '--tls-san', '127.0.0.1']);
    expect(containerName('dev2')).not.toBe(containerName('proctor'));
  });

  it('rewrites the kubeconfig to the published port and the name of the stack', () => {
    expect(parse(rewriteKubeconfig(JSON.stringify(k3sKubeconfig), state))).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'proctor-dev2',
      clusters: [
        { name: 'proctor-dev2', cluster: { server: 'https://127.0.0.1:20000', 'certificate-authority-data': 'Q0E=' } },
      ],
      contexts: [{ name: 'proctor-dev2', context: { cluster: 'proctor-dev2', user: 'proctor-dev2' } }],
      users: [{ name: 'proctor-dev2', user: { 'client-key-data': 'S0VZ' } }],
    });
  });
});

describe('a cluster in Docker', () => {
  let folder: string;

  const dockerCalls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');

  function script(path: string, body: string): void {
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'proctor-docker-'));
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'k3s.yaml'), JSON.stringify(k3sKubeconfig));
    script(
      join(folder, 'bin', 'docker'),
      `cd ${folder}; echo "$@" >> calls
case "$*" in
  info*) echo 27.0.0;;
  inspect*) [ -e running ] && echo true || { echo "Error: No such object" >&2; exit 1; };;
  "run --detach"*) touch running;;
  *k3s.yaml) cat k3s.yaml;;
  version*) echo amd64;;
  *"busybox --list") printf 'sh\\nsleep\\n';;
  create*) echo source-container;;
  cp*) for last; do :; done; echo BUSYBOX > "$last";;
  *" import -") cat > imported;;
  "rm --force"*) rm -f running;;
esac`,
    );
    script(join(folder, 'kubectl'), 'echo "dev2 Ready control-plane 1s v1.34.4"');
    vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env.PATH}`);
    vi.stubEnv('PROCTOR_KUBECTL_BIN', join(folder, 'kubectl'));
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  it('starts k3s once, waits until it is ready, and imports the image', async () => {
    expect(await isDockerRunning()).toBe(true);
    const stateDir = join(folder, 'state');
    mkdirSync(stateDir);
    const cluster = await dockerUp(stateDir, state, () => undefined);
    expect(cluster).toMatchObject({
      kind: 'docker',
      context: 'proctor-dev2',
      kubeconfig: join(stateDir, 'kubeconfig'),
    });
    expect(readFileSync(cluster.kubeconfig, 'utf8')).toContain('https://127.0.0.1:20000');
    expect(readFileSync(join(folder, 'imported')).toString('latin1')).toContain('oci-layout');
    await dockerUp(stateDir, state, () => undefined);
    expect(dockerCalls().filter((line) => line.startsWith('run --detach'))).toHaveLength(1);
    // The container that busybox was copied from is removed.
    expect(dockerCalls()).toContain('rm source-container');
    expect(await removeDocker(state.name)).toEqual([]);
  });
});
