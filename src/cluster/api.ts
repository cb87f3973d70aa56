import { FIELD_MANAGER } from '../aicr/constants.ts';
import type { KubernetesObject, ObjectMeta } from '../kubernetes/types.ts';
import { isKind } from './cluster-error.ts';
import { type Resource, resourceName, resourcePath } from './resources.ts';
import type { Connection } from './transport/connection.ts';

/** One object on the cluster. A UID makes the call refuse to touch another object that has since taken the name. */
export interface ObjectRef {
  resource: Resource;
  namespace?: string | undefined;
  name: string;
}

export interface ListPage<T> {
  items: T[];
  resourceVersion: string;
  next: string | undefined;
}

const LIST_PAGE = 500;

/**
 * The few typed calls Proctor makes, each with a few seconds of retries where doing it twice is doing it once; trouble that lasts is the
 * activity's, where a person can see it.
 */
export class ClusterApi {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  get<T extends KubernetesObject>(ref: ObjectRef, signal?: AbortSignal): Promise<T> {
    return this.connection.json<T>({ call: callName('get', ref), method: 'GET', path: pathOf(ref), signal });
  }

  /** As {@link get}, `undefined` where the object is not there. */
  async find<T extends KubernetesObject>(ref: ObjectRef, signal?: AbortSignal): Promise<T | undefined> {
    return unless('not-found', this.get<T>(ref, signal));
  }

  /** One page of a list; of 500 unless another limit is given, and all of it in one page for 0. */
  async list<T extends KubernetesObject>(
    resource: Resource,
    query: {
      namespace?: string | undefined;
      labelSelector?: string | undefined;
      fieldSelector?: string | undefined;
      continue?: string | undefined;
      limit?: number;
    },
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

  /**
   * Server-side apply by Proctor's field manager, taking fields over from others (the contract's `force: true`). Made again when its answer
   * was lost, but not for what runs something: whether that is there is for the caller to find out.
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

  /** Create an object, or replace the one that has its name (the contract's data ConfigMaps are written so, not applied). */
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
        // A create that got through unheard makes the next one fail with `already-exists`, and then it is replaced by itself.
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
   * Change fields of the object with that UID, by JSON merge patch.
   * @throws ClusterError `conflict` where another object has the name by now.
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
   * Ask for an object's deletion. With a UID, an object of that name with another UID is left alone.
   * @returns false where there was nothing to delete: gone already, be it by an earlier try of this call, or another object by now.
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
      // Without a UID a second delete might hit what has been made since.
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
