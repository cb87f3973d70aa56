/**
 * `npm run chaos`: kills, pauses and cuts off everything that a run needs, on a real Temporal server and a real cluster of its own (stack
 * `chaos`, or the one that PROCTOR_CHAOS_STACK names), and counts what that costs: docs/chaos.md, whose table it writes. `-- --json` prints the
 * result as one JSON object, and only that, on standard output; `-- --short` takes less than five minutes and writes no table. The exit code is 1
 * if anything was lost. `-- --only TEXT`: the faults with that in their name, without a table.
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
// At once: after connections that were reset in the middle of their end, Node 24 spins for ever while it takes its handles down.
process.exit(result.losses.length > 0 ? 1 : 0);
