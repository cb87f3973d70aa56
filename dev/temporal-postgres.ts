// The production Temporal server on PostgreSQL, as plain processes, for benchmarks under load. The development server
// is five to ten times slower with a file, and its in-memory store is not what production uses.
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Component, ensureRunning, waitReady } from './components.ts';
import { DevError } from './errors.ts';
import { findCommand, run, tryRun } from './exec.ts';
import type { Ports } from './ports.ts';
import { TEMPORAL_NAMESPACE, waitForTemporal } from './temporal-server.ts';

export interface TemporalBinaries {
  server: string;
  sqlTool: string;
  cli: string;
}

interface Location {
  stateDir: string;
  ports: Ports;
}

const SHARDS = 4;
const READY_TIMEOUT_MS = 60_000;
const DATABASES = { temporal: 'temporal', temporal_visibility: 'visibility' };

/** Ports of a stack that the table in ports.ts leaves free, counted from Temporal's port. */
function portsOf({ temporal, temporalHttp }: Ports) {
  const free = temporal + 4;
  const grpc = { frontend: temporal, history: free, matching: free + 1, worker: free + 2 };
  const members = { frontend: free + 3, history: free + 4, matching: free + 5, worker: free + 6 };
  return { http: temporalHttp, grpc, members, postgres: free + 7 };
}

export async function postgresTemporalUp(location: Location, binaries: TemporalBinaries): Promise<void> {
  const { stateDir, ports } = location;
  await postgresUp(location);
  await schemaUp(location, binaries.sqlTool);
  writeConfig(location);
  await ensureRunning(stateDir, {
    name: 'temporal',
    command: binaries.server,
    args: ['--root', join(stateDir, 'temporal'), '--env', 'development', 'start'],
    cwd: stateDir,
    log: join(stateDir, 'log', 'temporal.log'),
  });
  await waitForTemporal(stateDir, ports, binaries.cli);
  const address = ['--address', `127.0.0.1:${ports.temporal}`, '--namespace', TEMPORAL_NAMESPACE];
  if ((await tryRun(binaries.cli, ['operator', 'namespace', 'describe', ...address])).code === 0) return;
  await run(binaries.cli, ['operator', 'namespace', 'create', ...address]);
}

/** The data is not in the state directory, because PostgreSQL runs as its own user, who cannot enter root's home. */
export function postgresData({ temporal }: Ports): string {
  return join(tmpdir(), `proctor-postgres-${temporal}`);
}

function postgresBinary(name: string): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(root, version, 'bin', name)).find(existsSync) ?? findCommand(name);
  if (found !== undefined) return found;
  throw new DevError(`PostgreSQL's ${name} is missing: install the Debian package postgresql`);
}

async function postgresUp({ stateDir, ports }: Location): Promise<void> {
  const { postgres: port } = portsOf(ports);
  const data = postgresData(ports);
  const user = await postgresUser();
  const asUser = (command: string, args: string[]): [string, string[]] =>
    user === undefined
      ? [command, args]
      : ['setpriv', [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', command, ...args]];
  if (!existsSync(join(data, 'PG_VERSION'))) {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    if (user !== undefined) chownSync(data, user.uid, user.gid);
    await run(...asUser(postgresBinary('initdb'), ['-D', data, '-A', 'trust', '-U', 'temporal']), { cwd: '/' });
  }
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    synchronous_commit: 'off',
    max_connections: '200',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, args] = asUser(postgresBinary('postgres'), ['-D', data, ...flags]);
  const component: Component = {
    name: 'postgres',
    command,
    args,
    cwd: '/',
    log: join(stateDir, 'log', 'postgres.log'),
  };
  await ensureRunning(stateDir, component);
  const ready = ['-h', '127.0.0.1', '-p', String(port), '-U', 'temporal'];
  const isReady = async () => (await tryRun(postgresBinary('pg_isready'), ready)).code === 0;
  await waitReady(stateDir, 'postgres', isReady, READY_TIMEOUT_MS);
}

/** The user for PostgreSQL, which refuses to run as root; undefined if this process is not root. */
async function postgresUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (userInfo().uid !== 0) return undefined;
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).trim());
  return { uid: await id('-u'), gid: await id('-g') };
}

async function schemaUp({ ports }: Location, sqlTool: string): Promise<void> {
  const server = ['--plugin', 'postgres12', '--ep', '127.0.0.1', '-p', String(portsOf(ports).postgres)];
  for (const [database, schema] of Object.entries(DATABASES)) {
    const tool = (...args: string[]) =>
      tryRun(sqlTool, [...server, '-u', 'temporal', '--pw', 'x', '--db', database, ...args]);
    if ((await tool('create')).code === 0) await tool('setup-schema', '-v', '0.0');
    const { code, stdout, stderr } = await tool('update-schema', '--schema-name', `postgresql/v12/${schema}`);
    if (code !== 0) throw new DevError(`could not create the schema of database ${database}:\n${stderr || stdout}`);
  }
}

function writeConfig({ stateDir, ports }: Location): void {
  const folder = join(stateDir, 'temporal', 'config');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'development.yaml'), stringify(serverConfig(ports)));
}

/** The configuration file of the Temporal server. */
function serverConfig(ports: Ports): object {
  const { http, grpc, members, postgres } = portsOf(ports);
  const sql = (databaseName: string, connections: number) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `127.0.0.1:${postgres}`,
      connectProtocol: 'tcp',
      user: 'temporal',
      password: 'x',
      maxConns: connections,
      maxIdleConns: connections,
    },
  });
  const service = (name: keyof typeof grpc) => ({
    rpc: {
      grpcPort: grpc[name],
      membershipPort: members[name],
      bindOnLocalHost: true,
      ...(name === 'frontend' ? { httpPort: http } : {}),
    },
  });
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: SHARDS,
      datastores: { default: sql('temporal', 40), visibility: sql('temporal_visibility', 10) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' }, pprof: { port: 0 } },
    services: {
      frontend: service('frontend'),
      history: service('history'),
      matching: service('matching'),
      worker: service('worker'),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${grpc.frontend}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
  };
}
