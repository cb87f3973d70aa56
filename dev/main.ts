// `npm run dev:up`, `dev:status`, `dev:down`: the local stack on the command line.

import { Command, InvalidArgumentError, Option } from 'commander';
import { messageOf } from '../src/run/error-message.ts';
import { DevError } from './errors.ts';
import { down, type Stack, type StackOptions, type StackStatus, status, up } from './stack.ts';

interface Flags {
  name?: string;
  stateDir?: string;
  portBase?: number;
  temporalPort?: number;
  uiPort?: number;
  apiPort?: number;
  cluster?: 'auto' | 'native' | 'docker' | 'context';
  context?: string;
  temporalDb?: boolean;
  purge?: boolean;
  json?: boolean;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1024 || port > 65_000) throw new InvalidArgumentError('1024 to 65000.');
  return port;
}

function optionsOf(flags: Flags): StackOptions {
  const cluster = flags.context ? { context: flags.context } : flags.cluster;
  if (cluster === 'context') throw new DevError('--cluster context needs --context <name>');
  return {
    log: (line) => console.log(line),
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.stateDir === undefined ? {} : { stateDir: flags.stateDir }),
    ...(flags.portBase === undefined ? {} : { portBase: flags.portBase }),
    ports: {
      ...(flags.temporalPort === undefined ? {} : { temporal: flags.temporalPort }),
      ...(flags.uiPort === undefined ? {} : { temporalUi: flags.uiPort }),
      ...(flags.apiPort === undefined ? {} : { apiServer: flags.apiPort }),
    },
    ...(cluster === undefined ? {} : { cluster }),
    ...(flags.temporalDb === undefined ? {} : { temporalDbFile: flags.temporalDb }),
  };
}

function describe(stack: Stack): string {
  const { temporal, cluster } = stack;
  return [
    `Temporal       ${temporal.address}, namespace ${temporal.namespace}`,
    `Web UI         ${temporal.uiUrl}`,
    `Temporal CLI   ${temporal.cli}`,
    `Cluster        ${cluster.kind}, context ${cluster.context}`,
    `Kubeconfig     ${cluster.kubeconfig}`,
    `kubectl        ${cluster.kubectl}`,
    `Image          ${stack.image}`,
    `Logs           ${stack.stateDir}/log`,
  ].join('\n');
}

function describeStatus({ name, stateDir, up: isUp, components, stack }: StackStatus): string {
  if (components.length === 0) return `stack "${name}" is down (${stateDir})`;
  const rows = components.map((component) => {
    const mark = component.state === 'running' ? '✓' : '✗';
    return `${mark} ${component.name.padEnd(24)} ${component.state.padEnd(8)} ${component.pid ?? ''}`.trimEnd();
  });
  const advice = isUp ? [] : [`stack "${name}" is incomplete: "up" repairs it`];
  return [...rows, ...advice, ...(stack ? ['', describe(stack)] : [])].join('\n');
}

const program = new Command('dev').description('The local stack: Temporal with its Web UI, and a Kubernetes cluster.');

function command(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--name <name>', 'name of the stack; stacks with different names run side by side (PROCTOR_STACK)')
    .option('--state-dir <folder>', 'folder of its files (PROCTOR_STATE_DIR)');
}

command('up', 'start what is not running')
  .option('--port-base <port>', 'first of its ports; docs/local-stack.md lists them (PROCTOR_PORT_BASE)', parsePort)
  .option('--temporal-port <port>', "Temporal's port", parsePort)
  .option('--ui-port <port>', "the Web UI's port", parsePort)
  .option('--api-port <port>', "port of the cluster's API server", parsePort)
  .addOption(new Option('--cluster <kind>', 'kind of cluster').choices(['auto', 'native', 'docker', 'context']))
  .option('--context <name>', 'use the cluster of this context in your kubeconfig')
  .option('--temporal-db', "keep Temporal's data in a file")
  .action(async (flags: Flags) => {
    const stack = await up(optionsOf(flags));
    console.log(`\n${describe(stack)}`);
  });

command('status', 'print what is running; exit code 1 if the stack is not up')
  .option('--json', 'print JSON')
  .action(async (flags: Flags) => {
    const found = await status(optionsOf(flags));
    console.log(flags.json ? JSON.stringify(found, undefined, 2) : describeStatus(found));
    if (!found.up) process.exitCode = 1;
  });

command('down', 'stop it and leave nothing but its logs')
  .option('--purge', 'remove its logs and state directory too')
  .action(async (flags: Flags) => {
    await down({ ...optionsOf(flags), ...(flags.purge === undefined ? {} : { purge: flags.purge }) });
  });

await program.parseAsync().catch((error: unknown) => {
  console.error(
    `✗ ${error instanceof DevError ? error.message : error instanceof Error ? error.stack : messageOf(error)}`,
  );
  process.exitCode = 1;
});
