import { type Catalog, parseCatalog } from '../../../src/aicr/catalog/catalog.ts';

export const entry = (name: string, phase: string) => ({ name, phase, image: 'img:1' });

/** Two validators of the deployment phase and one of each other phase, not in the phases' order. */
export const catalog: Catalog = parseCatalog({
  validators: [
    entry('perf', 'performance'),
    entry('b', 'deployment'),
    entry('a', 'deployment'),
    entry('c', 'conformance'),
  ],
});
