import type { KubernetesObject } from '../../kubernetes/types.ts';
import type { ClusterApi, ListPage, ListQuery } from '../api.ts';
import { isKind } from '../cluster-error.ts';
import type { Resource } from '../resources.ts';

export interface WatchScope extends Omit<ListQuery, 'limit'> {
  resource: Resource;
}

/**
 * Lists all objects of a scope page by page, and trims each page before the next is read, so that thousands of whole
 * objects are never held at once. If the list's version expires between two pages, all of it is read again in one page.
 */
export async function listAll<T extends KubernetesObject>(
  api: ClusterApi,
  { resource, ...selectors }: WatchScope,
  trim: (object: T) => T,
  signal: AbortSignal,
): Promise<Pick<ListPage<T>, 'items' | 'resourceVersion'>> {
  const readPage = (query: { continue?: string; limit?: number }) =>
    api.list<T>(resource, { ...selectors, ...query }, signal);
  const items: T[] = [];
  let page = await readPage({});
  for (;;) {
    for (const item of page.items) items.push(trim(item));
    if (page.next === undefined) return { items, resourceVersion: page.resourceVersion };
    try {
      page = await readPage({ continue: page.next });
    } catch (error) {
      if (!isKind(error, 'expired')) throw error;
      items.length = 0;
      page = await readPage({ limit: 0 });
    }
  }
}
