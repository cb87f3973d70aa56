import { FIELD_MANAGER } from '../aicr/constants.ts';
import type { KubernetesObject, ObjectMeta } from '../kubernetes/types.ts';
import { isKind } from './cluster-error.ts';
import { type Resource, resourceName, resourcePath } from './resources.ts';
import type { Connection } from './transport/connection.ts';

/** Which object on the cluster. */
export interface ObjectRef {
  resource: Resource;
  namespace?: string | undefined;
  name: string;
}

/** Which objects of a resource are listed, and how many in one page. */
export interface ListQuery {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  limit?: number;
}

export interface ListPage<T> {
  items: T[];
  resourceVersion: string;
  next: string | undefined;
}

const LIST_PAGE = 500;

/**
 * The typed calls that Proctor makes to an API server. Idempotent calls are retried for a few seconds. After that the
 * activity fails, and Temporal's retries of it are visible in the Web UI.
 */
export class ClusterApi {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  get<T extends KubernetesObject>(ref: ObjectRef, signal?: AbortSignal): Promise<T> {
    return this.connection.json<T>({ call: callName('get', ref), method: 'GET', path: pathOf(ref), signal });
  }

  /** Like {@link get}, but `undefined` if the object does not exist. */
  async find<T extends KubernetesObject>(ref: ObjectRef, signal?: AbortSignal): Promise<T | undefined> {
    return unless('not-found', this.get<T>(ref, signal));
  }

  /** Reads one page of a list: 500 objects by default, all objects if the limit is 0. */
  async list<T extends KubernetesObject>(
    resource: Resource,
    query: ListQuery & { continue?: string | undefined },
    signal?: AbortSignal,
  ): Promise<ListPage<T>> {
    const { namespace, limit, ...selectors } = query;
    const answer = await this.connection.json<{ metadata: { resourceVersion: string; continue?: string }; items: T[] }>(
      {
        call: { verb: 'list', resource: resourceName(resource), namespace },
        method: 'GET',
        path: resourcePath(resource, namespace, undefined),
        query: { ...selectors, limit: limit === 0 ? undefined : String(limit ?? LIST_PAGE) },
        signal,
      },
    );
    const next = answer.metadata.continue;
    return {
      items: answer.items,
      resourceVersion: answer.metadata.resourceVersion,
      next: next === '' ? undefined : next,
    };
  }

  /** Lists all objects, one page after the other, so that the caller holds no more than it keeps of each page. */
  async *pages<T extends KubernetesObject>(
    resource: Resource,
    query: ListQuery,
    signal?: AbortSignal,
  ): AsyncGenerator<T[], void> {
    let next: string | undefined;
    do {
      const page = await this.list<T>(resource, { ...query, continue: next }, signal);
      yield page.items;
      next = page.next;
    } while (next !== undefined);
  }

  /**
   * Server-side apply with AICR's field manager, which takes over the fields of other managers (`force`), as AICR does.
   * If the answer is lost, the call is retried, except for a resource that {@link Resource.runs} something: its caller
   * must find out whether the object exists.
   */
  apply<T extends KubernetesObject>(resource: Resource, object: T, signal?: AbortSignal): Promise<T> {
    const ref = { resource, namespace: object.metadata.namespace, name: object.metadata.name ?? '' };
    return this.connection.json<T>({
      call: callName('patch', ref),
      method: 'PATCH',
      path: pathOf(ref),
      query: { fieldManager: FIELD_MANAGER, force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: { apiVersion: resource.apiVersion, kind: resource.kind, ...object },
      repeat: resource.runs === true ? 'if-safe' : 'always',
      signal,
    });
  }

  /** Creates an object, or replaces the existing one. AICR writes its data ConfigMaps this way, not with apply. */
  async put<T extends KubernetesObject>(resource: Resource, object: T, signal?: AbortSignal): Promise<T> {
    const { namespace, name = '' } = object.metadata;
    const body = { apiVersion: resource.apiVersion, kind: resource.kind, ...object };
    const ref = { resource, namespace, name };
    const query = { fieldManager: FIELD_MANAGER };
    const path = resourcePath(resource, namespace, undefined);
    try {
      return await this.connection.json<T>({
        call: callName('create', ref),
        method: 'POST',
        path,
        query,
        body,
        // If the create succeeds but its answer is lost, the retry fails with `already-exists`, and PUT follows.
        repeat: 'always',
        signal,
      });
    } catch (error) {
      if (!isKind(error, 'already-exists')) throw error;
      return this.connection.json<T>({
        call: callName('update', ref),
        method: 'PUT',
        path: pathOf(ref),
        query,
        body,
        repeat: 'always',
        signal,
      });
    }
  }

  /**
   * Changes fields of the object with that UID, by JSON merge patch.
   * @throws ClusterError `conflict` if the name now belongs to an object with another UID.
   */
  patch<T extends KubernetesObject>(
    ref: ObjectRef,
    uid: string,
    { metadata, ...change }: { metadata?: ObjectMeta; spec?: Record<string, unknown> },
    signal?: AbortSignal,
  ): Promise<T> {
    return this.connection.json<T>({
      call: callName('patch', ref),
      method: 'PATCH',
      path: pathOf(ref),
      contentType: 'application/merge-patch+json',
      body: { ...change, metadata: { ...metadata, uid } },
      repeat: 'always',
      signal,
    });
  }

  /**
   * Requests an object's deletion. If a UID is given, an object of that name with another UID is not deleted.
   * @returns false if there was nothing to delete: the object is gone, perhaps because of an earlier try of this call,
   * or its name belongs to another object.
   */
  async delete(
    ref: ObjectRef,
    options: { uid?: string | undefined; propagation?: 'Foreground' | 'Background'; signal?: AbortSignal } = {},
  ): Promise<boolean> {
    const answer = this.connection.json<unknown>({
      call: callName('delete', ref),
      method: 'DELETE',
      path: pathOf(ref),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: options.propagation ?? 'Background',
        ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
      },
      // Without a UID, a repeated delete might delete an object that was created in between.
      repeat: options.uid === undefined ? 'if-safe' : 'always',
      signal: options.signal,
    });
    const found = await unless('not-found', options.uid === undefined ? answer : unless('conflict', answer));
    return found !== undefined;
  }
}

function callName(verb: string, { resource, namespace, name }: ObjectRef) {
  return { verb, resource: resourceName(resource), namespace: resource.namespaced ? namespace : undefined, name };
}

function pathOf({ resource, namespace, name }: ObjectRef): string {
  return resourcePath(resource, namespace, name);
}

async function unless<T>(kind: 'not-found' | 'conflict', answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isKind(error, kind)) return undefined;
    throw error;
  }
}
