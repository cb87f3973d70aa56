import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/**
 * Bundles the workflows once for all workers of a test run, which starts dozens of them: each would spend seconds of
 * both cores on it. @returns the file, for `PROCTOR_WORKFLOW_BUNDLE`.
 */
export async function bundleWorkflowsInto(folder: string): Promise<string> {
  const workflowsPath = fileURLToPath(new URL('../src/workflows/index.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const file = join(folder, 'workflows.cjs');
  writeFileSync(file, code);
  return file;
}
