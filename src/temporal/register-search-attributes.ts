import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { messageOf } from '../run/error-message.ts';
import { SEARCH_ATTRIBUTES } from '../run/search-attributes.ts';

/** Numbers of Temporal's `temporal.api.enums.v1.IndexedValueType`. Its package is not a dependency of Proctor. */
const TYPES = { KEYWORD: 2, KEYWORD_LIST: 7 } as const;
/** How long to wait for the server to list new search attributes. It lists them after it refreshes its caches. */
const LISTED_WITHIN_MS = 10_000;
const POLL_MS = 200;

/**
 * Whether workflows may upsert Proctor's search attributes. A workflow that upserts an unregistered one cannot
 * continue.
 */
export async function areSearchAttributesRegistered(client: Client): Promise<boolean> {
  return (await missingAttributes(client)).length === 0;
}

/**
 * Registers Proctor's search attributes in the worker's namespace, unless they are registered.
 * `PROCTOR_SEARCH_ATTRIBUTES` is `register`, or `leave` for a namespace that somebody else administers. @default
 * register
 * @returns why they are not registered, for the log; undefined if they are.
 */
export async function registerSearchAttributes(client: Client, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const how = env.PROCTOR_SEARCH_ATTRIBUTES ?? 'register';
  if (how !== 'register' && how !== 'leave')
    throw new Error(`PROCTOR_SEARCH_ATTRIBUTES must be "register" or "leave", not ${JSON.stringify(how)}`);
  try {
    const names = await missingAttributes(client);
    if (names.length === 0) return undefined;
    if (how === 'leave') return `not registered in the namespace: ${names.join(', ')}`;
    const searchAttributes = Object.fromEntries(names.map((name) => [name, TYPES[SEARCH_ATTRIBUTES[name]]]));
    const { namespace } = client.options;
    await client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    return await waitUntilListed(client);
  } catch (error) {
    return messageOf(error);
  }
}

async function waitUntilListed(client: Client): Promise<string | undefined> {
  for (const endMs = Date.now() + LISTED_WITHIN_MS; Date.now() < endMs; await sleep(POLL_MS))
    if (await areSearchAttributesRegistered(client)) return undefined;
  return `the server does not list them ${LISTED_WITHIN_MS / 1000} s after they were registered`;
}

async function missingAttributes(client: Client): Promise<(keyof typeof SEARCH_ATTRIBUTES)[]> {
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  const names = Object.keys(SEARCH_ATTRIBUTES) as (keyof typeof SEARCH_ATTRIBUTES)[];
  return names.filter((name) => customAttributes?.[name] !== TYPES[SEARCH_ATTRIBUTES[name]]);
}
