import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { messageOf } from '../run/error-message.ts';
import { SEARCH_ATTRIBUTES } from '../run/search-attributes.ts';

/** Numbers of Temporal's API (`temporal.api.enums.v1.IndexedValueType`), whose package is not a dependency of ours. */
const TYPES = { KEYWORD: 2, KEYWORD_LIST: 7 } as const;
/** A server tells of new ones once its caches have been refreshed. */
const KNOWN_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 200;

/** Whether runs can be found by Proctor's search attributes: a workflow that upserts one that is not registered is stuck for good. */
export async function areSearchAttributesRegistered(client: Client): Promise<boolean> {
  return (await missing(client)).length === 0;
}

/**
 * Registers Proctor's search attributes in the worker's namespace, if they are not there. `PROCTOR_SEARCH_ATTRIBUTES`: `register`, or `leave`
 * for a namespace that others look after. @default register
 * @returns why runs cannot be found by them, for the log; undefined where they can.
 */
export async function registerSearchAttributes(client: Client, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const how = env.PROCTOR_SEARCH_ATTRIBUTES ?? 'register';
  if (how !== 'register' && how !== 'leave')
    throw new Error(`PROCTOR_SEARCH_ATTRIBUTES must be "register" or "leave", not ${JSON.stringify(how)}`);
  try {
    const names = await missing(client);
    if (names.length === 0) return undefined;
    if (how === 'leave') return `not registered in the namespace: ${names.join(', ')}`;
    const searchAttributes = Object.fromEntries(names.map((name) => [name, TYPES[SEARCH_ATTRIBUTES[name]]]));
    const { namespace } = client.options;
    await client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    return await known(client);
  } catch (error) {
    return messageOf(error);
  }
}

async function known(client: Client): Promise<string | undefined> {
  for (const endMs = Date.now() + KNOWN_WITHIN_MS; Date.now() < endMs; await wait(LOOK_EVERY_MS))
    if (await areSearchAttributesRegistered(client)) return undefined;
  return `the server does not know them ${KNOWN_WITHIN_MS / 1000} s after they were registered`;
}

async function missing(client: Client): Promise<(keyof typeof SEARCH_ATTRIBUTES)[]> {
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  const names = Object.keys(SEARCH_ATTRIBUTES) as (keyof typeof SEARCH_ATTRIBUTES)[];
  return names.filter((name) => customAttributes?.[name] !== TYPES[SEARCH_ATTRIBUTES[name]]);
}
