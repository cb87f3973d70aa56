import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES, type SearchValues } from '../run/search-attributes.ts';

/** Converts the values to the SDK's typed pairs. */
export function searchAttributes(values: SearchValues): SearchAttributePair[] {
  return Object.entries(values).map(([name, value]) => {
    const key = defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name as keyof SearchValues]);
    return { key, value } as SearchAttributePair;
  });
}

/**
 * Returns a function that upserts the given search attributes of the workflow, together with those that never change.
 * @param areRegistered whether the Temporal server knows the attributes. If not, the function does nothing, since
 * upserting an unknown attribute fails the workflow task indefinitely. Must come from the history (an input or an
 * activity's result), so that a replay does the same.
 */
export function searchAttributeUpserter(areRegistered: boolean, fixed: SearchValues): (values: SearchValues) => void {
  return (values) => {
    if (areRegistered) upsertSearchAttributes(searchAttributes({ ...fixed, ...values }));
  };
}
