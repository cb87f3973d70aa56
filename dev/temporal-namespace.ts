import { randomBytes } from 'node:crypto';
import { run } from './exec.ts';

/**
 * Creates a Temporal namespace for one use, such as a test file, so that its workers see no other runs.
 * @returns its name, which begins with `name`.
 */
export async function createNamespace(
  { address, cli }: { address: string; cli: string },
  name: string,
): Promise<string> {
  const namespace = `${name}-${randomBytes(3).toString('hex')}`;
  const where = ['--address', address, '--namespace', namespace];
  await run(cli, ['operator', 'namespace', 'create', ...where, '--retention', '24h']);
  return namespace;
}
