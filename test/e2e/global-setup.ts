import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { down, status, up } from '../../dev/stack.ts';
import { bundleWorkflowsInto } from '../workflow-bundle.ts';

declare module 'vitest' {
  interface ProvidedContext {
    stack: import('../../dev/stack.ts').Stack;
    workflowBundle: string;
  }
}

/**
 * Brings up the tests' own stack, beside the one of the demo. PROCTOR_TEST_STACK names it (default `test`). If that
 * stack is up already, the tests use it as it is and leave it up, which saves its start while a test is being written.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const name = process.env.PROCTOR_TEST_STACK ?? 'test';
  const wasUp = (await status({ name })).up;
  const log = (line: string) => console.error(line);
  const stack = await up({ name, log });
  project.provide('stack', stack);
  project.provide('workflowBundle', await bundleWorkflowsInto(await mkdtemp(join(tmpdir(), 'proctor-test-'))));
  process.env.KUBECONFIG = stack.cluster.kubeconfig;
  process.env.PROCTOR_KUBECTL = stack.cluster.kubectl;
  return async () => {
    if (!wasUp) await down({ name, log: () => undefined });
  };
}
