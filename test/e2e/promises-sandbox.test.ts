/** The functions that workflows use give the same answers in the workflows' sandbox as outside. */
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
  const worker = await until('the namespace can be used', () =>
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

it('the sandbox lacks the Node globals that the contract must not use', () => expect(output.globals).toEqual([]));

it('the golden Jobs and reports equal AICR’s in the sandbox', () => expect(output.differences).toEqual([]));

it('every other function answers the same in the sandbox and outside', () => {
  expect(output.answers).toEqual(JSON.parse(JSON.stringify(answers())));
});
