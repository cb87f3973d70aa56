/**
 * `npm run chaos`: kills, pauses and cuts off everything that a run needs, on a real Temporal server and a real cluster
 * of its own (stack `chaos`, or the one that PROCTOR_CHAOS_STACK names). It counts what that costs and writes the table
 * of docs/chaos.md. The exit code is 1 if anything was lost.
 *
 * - `-- --json` prints the result on standard output as one JSON object and nothing else.
 * - `-- --short` takes less than five minutes and does not write the table.
 * - `-- --only TEXT` injects only the faults with that text in their name and does not write the table.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chaos, tableOf } from '../test/chaos/chaos.ts';
import { FULL, SHORT } from '../test/chaos/plans.ts';

const PAGE = fileURLToPath(new URL('../docs/chaos.md', import.meta.url));
const TABLE = /(<!-- table -->\n)[\s\S]*(\n<!-- end of table -->)/;

const has = (option: string) => process.argv.includes(option);
const only = has('--only') ? (process.argv[process.argv.indexOf('--only') + 1] ?? '') : undefined;
const chosen = FULL.filter(({ faults }) => only === undefined || faults.some(({ fault }) => fault.name.includes(only)));
const stack = process.env.PROCTOR_CHAOS_STACK ?? 'chaos';
const result = await chaos(stack, has('--short') ? SHORT : chosen, (line) => console.error(line));

const table = tableOf(result);
if (!has('--short') && only === undefined) {
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(
    PAGE,
    page.replace(TABLE, (_, before: string, after: string) => `${before}${table}${after}`),
  );
}
console.log(has('--json') ? JSON.stringify(result, null, 2) : [table, ...result.losses].join('\n'));
// Exits explicitly: if connections were reset while they were closing, Node 24 spins indefinitely at its normal exit.
process.exit(result.losses.length > 0 ? 1 : 0);
