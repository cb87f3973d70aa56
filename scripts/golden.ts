/**
 * `npm run -s golden -- DIR`: checks every golden file of DIR (by default the fixtures in test/golden, copied from the contract) against
 * the project's code. Prints the differences of each case or row that fails, then `N passed, N failed`; exits with 1 if any failed or
 * none were found.
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
