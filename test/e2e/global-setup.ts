import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { down, status, up } from '../../dev/stack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    stack: import('../../dev/stack.ts').Stack;
    workflowBundle: string;
  }
}

/**
 * The tests' own stack, beside the one of the demo: named by PROCTOR_TEST_STACK (default `test`). One that was up before is used as it is and
 * stays up, which saves its start while a test is being written.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const name = process.env.PROCTOR_TEST_STACK ?? 'test';
  const wasUp = (await status({ name })).up;
  const log = (line: string) => console.error(line);
  const stack = await up({ name, log });
  project.provide('stack', stack);
  project.provide('workflowBundle', await bundleWorkflows());
  process.env.KUBECONFIG = stack.cluster.kubeconfig;
  process.env.PROCTOR_KUBECTL = stack.cluster.kubectl;
  return async () => {
    if (!wasUp) await down({ name, log: () => undefined });
  };
}

/** The workflows bundled once: the files start dozens of workers, and each would spend seconds of both cores on it. */
async function bundleWorkflows(): Promise<string> {
  const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const file = join(await mkdtemp(join(tmpdir(), 'proctor-test-')), 'workflows.cjs');
  await writeFile(file, code);
  return file;
}
