// `npm run demo`: from a fresh clone to a report. It starts the local stack, runs the example catalog on it, shows the
// progress and writes report.json. The stack stays up, so that you can look at the run in the Web UI.
// `-- --context NAME` uses a cluster of your own kubeconfig.

import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ProctorClient, type RunHandle, type RunProgress, type ValidateClusterRequest } from '../src/client.ts';
import { endedLine, progressLine, resultTable } from '../src/report/terminal.ts';
import { messageOf } from '../src/run/error-message.ts';
import { type Stack, up } from './stack.ts';
import { environmentOf, WorkerProcess } from './worker-process.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const REQUEST = 'examples/request.json';
const REPORT = 'report.json';
const REFRESH_MS = 500;

async function main(): Promise<void> {
  const began = Date.now();
  const { context } = parseArgs({ options: { context: { type: 'string' } } }).values;
  const stack = await up({ log: console.error, ...(context === undefined ? {} : { cluster: { context } }) });
  Object.assign(process.env, environmentOf(stack));
  const worker = await WorkerProcess.start(environmentOf(stack));
  console.error('✓ the worker serves cluster local');
  const proctor = await ProctorClient.connect();
  try {
    const request = JSON.parse(readFileSync(`${root}${REQUEST}`, 'utf8')) as ValidateClusterRequest;
    const started = Date.now();
    const handle = await proctor.start(request);
    console.log(`\nstarted ${handle.workflowId}\n${webUi(stack, handle)}\n`);
    await follow(proctor, handle);
    const result = await handle.result();
    writeFileSync(`${root}${REPORT}`, `${JSON.stringify(result.report, null, 2)}\n`);
    const seconds = (since: number) => ((Date.now() - since) / 1000).toFixed(0);
    console.log(`\n${resultTable(result)}\n\nreport: ${REPORT}\nrun:    ${webUi(stack, handle)}`);
    console.log(`time:   ${seconds(started)} s from start to report, ${seconds(began)} s in total`);
    console.log('        (outlives-its-timeout alone takes two and a half minutes, because of the contract’s clocks)');
    console.log('\nThe stack stays up; stop it with: npm run dev:down');
  } finally {
    await proctor.close();
    await worker.stop();
  }
}

function webUi({ temporal }: Stack, { workflowId, firstExecutionRunId }: RunHandle): string {
  return `${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows/${encodeURIComponent(workflowId)}/${firstExecutionRunId}/history`;
}

/** Prints a line for each validator that ends and, on a terminal, one line with the running validators. */
async function follow(proctor: ProctorClient, handle: RunHandle): Promise<void> {
  const shown = new Set<string>();
  for (;;) {
    const { status } = await handle.describe();
    const progress = await proctor.progress(handle.workflowId).catch(() => undefined);
    if (progress !== undefined) show(progress, shown);
    if (status.name !== 'RUNNING') return;
    await wait(REFRESH_MS);
  }
}

function show(progress: RunProgress, shown: Set<string>): void {
  const clear = process.stdout.isTTY ? '\r\u001b[K' : '';
  for (const validator of progress.validators) {
    if (validator.state === 'waiting' || validator.state === 'running' || shown.has(validator.name)) continue;
    shown.add(validator.name);
    console.log(clear + endedLine(validator));
  }
  if (process.stdout.isTTY) {
    process.stdout.write(`${clear}${progressLine(progress).slice(0, process.stdout.columns - 1)}`);
  }
}

try {
  await main();
} catch (error) {
  console.error(`\ndemo: ${messageOf(error)}`);
  process.exitCode = 1;
}
