// `npm run generate`: writes the files that are derived from the schemas: schema/*.json for editors, and the tables of
// fields in docs/. test/generated.test.ts fails if one of them is out of date.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generated } from './generated.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
for (const [path, text] of generated(root)) writeFileSync(`${root}${path}`, text);
