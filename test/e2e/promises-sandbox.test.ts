/** The functions that workflows use run in the workflows' sandbox, and answer there what they answer anywhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSite, type Site, stack, uniqueId, until } from './harness.ts';
import { answers, type contractInSandbox, type SandboxInput, type SandboxOutput } from './promises-sandbox-workflow.ts';

const GOLDEN = fileURLToPath(new URL('../golden/', import.meta.url));
let site: Site;
let output: SandboxOutput;
let connection: NativeConnection;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  site = await createSite('sandbox');
  connection = await NativeConnection.connect({ address: stack.temporal.address });
  const workflowsPath = fileURLToPath(new URL('promises-sandbox-workflow.ts', import.meta.url));
  const { client } = site.proctor;
  const worker = await until('the namespace can be worked in', () =>
    Worker.create({ connection, namespace: client.options.namespace, taskQueue: 'sandbox', workflowsPath }),
  );
  const options = {
    taskQueue: 'sandbox',
    workflowId: uniqueId('sandbox'),
    workflowExecutionTimeout: '1m',
    args: [golden()] as [SandboxInput],
  };
  output = await worker.runUntil(client.workflow.execute<typeof contractInSandbox>('contractInSandbox', options));
});

afterAll(() => connection.close());

function golden(): SandboxInput {
  const files = (prefix: string) => readdirSync(GOLDEN).filter((name) => name.startsWith(prefix));
  const read = (name: string) => JSON.parse(readFileSync(join(GOLDEN, name), 'utf8'));
  const rows = (prefix: string) =>
    files(prefix).flatMap((name) => read(name).rows.filter((row: { stale?: true }) => !row.stale));
  return { jobs: files('job-').map(read), builds: rows('ctrf-build'), merges: rows('ctrf-merge') };
}

it('the sandbox has none of what the contract does without', () => expect(output.globals).toEqual([]));

it('the golden Jobs and reports come out there as AICR’s', () => expect(output.differences).toEqual([]));

it('and all else as it does outside', () => {
  expect(output.answers).toEqual(JSON.parse(JSON.stringify(answers())));
});
