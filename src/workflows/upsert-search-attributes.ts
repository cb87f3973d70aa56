import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES, type SearchValues } from '../run/search-attributes.ts';

/** Values as the SDK takes them. */
export function searchAttributes(values: SearchValues): SearchAttributePair[] {
  return Object.entries(values).map(([name, value]) => {
    const key = defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name as keyof SearchValues]);
    return { key, value } as SearchAttributePair;
  });
}

/**
 * A way to make a workflow known by search attributes, those that do not change each time with it. It does nothing where they are not registered: an upsert of an unknown one
 * fails the workflow's task for ever. That is in a recorded answer or input, so a replay does as the run did.
 */
export function searchableBy(registered: boolean, fixed: SearchValues): (values: SearchValues) => void {
  return (values) => {
    if (registered) upsertSearchAttributes(searchAttributes({ ...fixed, ...values }));
  };
}
