/**
 * `npm run -s golden -- DIR` checks the golden files of DIR, outputs of AICR, against the project's code. The default
 * is test/golden. Prints the differences of each case or row that fails, then `N passed, N failed`. Exits with 1 if any
 * failed or none were found.
 */
import { fileURLToPath } from 'node:url';
import { checkDirectory } from '../test/aicr/golden/check.ts';

const directory = process.argv[2] ?? fileURLToPath(new URL('../test/golden', import.meta.url));
const results = checkDirectory(directory);
const failed = results.filter(({ difference }) => difference !== undefined);

for (const { name, difference } of failed) console.log(`FAILED ${name}\n${difference}`);
if (results.length === 0) console.log(`no golden files in ${directory}`);
console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 || results.length === 0 ? 1 : 0;
