import { randomBytes } from 'node:crypto';
import { run } from './exec.ts';

/** Makes a Temporal namespace for one use, such as a test file's: its workers see nobody else's runs. @returns its name, which begins so. */
export async function createNamespace(
  { address, cli }: { address: string; cli: string },
  name: string,
): Promise<string> {
  const namespace = `${name}-${randomBytes(3).toString('hex')}`;
  const where = ['--address', address, '--namespace', namespace];
  await run(cli, ['operator', 'namespace', 'create', ...where, '--retention', '24h']);
  return namespace;
}
