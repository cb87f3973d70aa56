import { expect, it } from 'vitest';
import { catalogPath } from '../../../src/run/plan/given-catalogs.ts';

it('begins the paths of a catalog’s faults with the field that gives it', () => {
  expect(catalogPath('catalog', { file: 'x' })).toBe('request.catalog.file');
  expect(catalogPath('baseCatalog', { configMap: { name: 'n', key: 'k' } })).toBe('request.baseCatalog.configMap');
  expect(catalogPath('catalog', { inline: {} })).toBe('request.catalog.inline');
});
