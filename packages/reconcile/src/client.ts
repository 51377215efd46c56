import { ApiError, errorOf } from "./api-error.ts";
import { served } from "./discovery.ts";
import { type KubernetesObject, type ObjectKey, objectKey } from "./object.ts";
import { apiVersionOf, pathOf, type ResourceType, resourceTypes, typeOf } from "./resource-type.ts";
import type { ApiRequest, Transport } from "./transport.ts";

export interface ListOptions {
  /** All namespaces when unset. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** PartialObjectMetadata: no spec, no status, no data. */
  readonly metadataOnly?: boolean;
  /** Objects a page; default 500. The answer holds all pages. */
  readonly limit?: number;
  /** Only these are in the answer; the others are let go of page by page. */
  readonly only?: (object: KubernetesObject) => boolean;
}

export interface WriteOptions {
  readonly subresource?: string;
  /** The field manager; else the server takes the User-Agent's first word. */
  readonly manager?: string;
}

export interface JsonPatchOperation {
  readonly op: "add" | "remove" | "replace" | "test";
  /** RFC 6901. */
  readonly path: string;
  readonly value?: unknown;
}

/** Reads and writes objects. Everything throws `ApiError`; nothing is retried here. */
export interface Client {
  readonly transport: Transport;
  /** The type of an object that this client can write. Throws for a kind it was not made with. */
  typeOf(object: KubernetesObject): ResourceType;
  /** Undefined when there is none. */
  get(
    type: ResourceType,
    key: ObjectKey,
    options?: { readonly metadataOnly?: boolean },
  ): Promise<KubernetesObject | undefined>;
  /** All objects, page by page. */
  list(type: ResourceType, options?: ListOptions): Promise<readonly KubernetesObject[]>;
  create(object: KubernetesObject, options?: { readonly manager?: string }): Promise<KubernetesObject>;
  /** Server-side apply. `force` (default true) takes fields over from other managers. */
  apply(
    object: KubernetesObject,
    options: { readonly manager: string; readonly force?: boolean; readonly subresource?: "status" },
  ): Promise<KubernetesObject>;
  mergePatch(
    type: ResourceType,
    key: ObjectKey,
    patch: unknown,
    options?: WriteOptions,
  ): Promise<KubernetesObject>;
  jsonPatch(
    type: ResourceType,
    key: ObjectKey,
    operations: readonly JsonPatchOperation[],
    options?: WriteOptions,
  ): Promise<KubernetesObject>;
  /** Absent is fine. With `uid` only that very object is deleted: another of the same name stays, as Conflict. */
  delete(
    type: ResourceType,
    key: ObjectKey,
    options?: {
      readonly uid?: string;
      readonly resourceVersion?: string;
      /** Default Background. */
      readonly propagation?: "Background" | "Foreground" | "Orphan";
    },
  ): Promise<void>;
  /** Whether the API server has this kind now (discovery of group, version and plural; not cached). */
  served(type: ResourceType): Promise<boolean>;
}

export interface ClientOptions {
  /** Kinds that are written beside those of `resourceTypes`, such as custom resources. */
  readonly types?: readonly ResourceType[];
}

export function createClient(transport: Transport, options: ClientOptions = {}): Client {
  const types = [...Object.values<ResourceType>(resourceTypes), ...(options.types ?? [])];

  async function send(request: ApiRequest): Promise<unknown> {
    const response = await transport.request(request);
    if (response.status < 200 || response.status > 299) throw errorOf(request, response);
    return response.body;
  }

  async function patch(
    type: ResourceType,
    key: ObjectKey,
    contentType: string,
    body: unknown,
    { subresource, manager }: WriteOptions = {},
  ): Promise<KubernetesObject> {
    const path = pathOf(type, subresource === undefined ? key : { ...key, subresource });
    const query = manager === undefined ? {} : { fieldManager: manager };
    return (await send({ method: "PATCH", path, query, body, contentType })) as KubernetesObject;
  }

  async function page(type: ResourceType, list: ListOptions, more: string | undefined): Promise<Page> {
    const { namespace, labelSelector, fieldSelector, metadataOnly = false, limit = 500 } = list;
    return (await send({
      method: "GET",
      path: pathOf(type, namespace === undefined ? {} : { namespace }),
      query: {
        limit: String(limit),
        ...(more === undefined ? {} : { continue: more }),
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(fieldSelector === undefined ? {} : { fieldSelector }),
      },
      ...(metadataOnly ? { accept: METADATA_LIST } : {}),
    })) as Page;
  }

  async function pages(type: ResourceType, list: ListOptions): Promise<readonly KubernetesObject[]> {
    const objects: KubernetesObject[] = [];
    const { only = () => true } = list;
    let more: string | undefined;
    do {
      const { items, metadata } = await page(type, list, more);
      for (const item of items ?? []) if (only(item)) objects.push(named(type, item));
      more = metadata?.continue;
    } while (more !== undefined && more !== "");
    return objects;
  }

  return {
    transport,
    typeOf: (object) => typeOf(object, types),
    async get(type, key, { metadataOnly = false } = {}) {
      const request = {
        method: "GET",
        path: pathOf(type, key),
        ...(metadataOnly ? { accept: METADATA } : {}),
      } as const;
      const response = await transport.request(request);
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw errorOf(request, response);
      return named(type, response.body as KubernetesObject);
    },
    async list(type, list = {}) {
      try {
        return await pages(type, list);
      } catch (error) {
        if (!ApiError.is(error, "Gone")) throw error;
        // The list changed so long that the server has dropped the state it was paging through: all at once then.
        return await pages(type, { ...list, limit: 0 });
      }
    },
    async create(object, { manager } = {}) {
      const { namespace } = object.metadata;
      const path = pathOf(typeOf(object, types), namespace === undefined ? {} : { namespace });
      const query = {
        fieldValidation: "Strict",
        ...(manager === undefined ? {} : { fieldManager: manager }),
      };
      return (await send({ method: "POST", path, query, body: object })) as KubernetesObject;
    },
    async apply(object, { manager, force = true, subresource }) {
      const key = objectKey(object);
      const path = pathOf(typeOf(object, types), subresource === undefined ? key : { ...key, subresource });
      const query = { fieldManager: manager, force: String(force), fieldValidation: "Strict" };
      const contentType = "application/apply-patch+yaml";
      return (await send({ method: "PATCH", path, query, body: object, contentType })) as KubernetesObject;
    },
    mergePatch: (type, key, body, write) => patch(type, key, "application/merge-patch+json", body, write),
    jsonPatch: (type, key, body, write) => patch(type, key, "application/json-patch+json", body, write),
    async delete(type, key, { uid, resourceVersion, propagation = "Background" } = {}) {
      const body = {
        apiVersion: "v1",
        kind: "DeleteOptions",
        propagationPolicy: propagation,
        preconditions: {
          ...(uid === undefined ? {} : { uid }),
          ...(resourceVersion === undefined ? {} : { resourceVersion }),
        },
      };
      const request = { method: "DELETE", path: pathOf(type, key), body } as const;
      const response = await transport.request(request);
      if (response.status === 404 || (response.status >= 200 && response.status <= 299)) return;
      throw errorOf(request, response);
    },
    served: (type) => served(transport, type),
  };
}

interface Page {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly KubernetesObject[];
}

/** Items of a list carry no kind, and metadata alone has a kind of its own: they get the one they have elsewhere. */
function named(type: ResourceType, object: KubernetesObject): KubernetesObject {
  return { ...object, apiVersion: apiVersionOf(type), kind: type.kind };
}

/** Asks for the metadata alone of an object, or of the objects of a watch. */
export const METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
/** Asks for the metadata alone of the objects of a list. */
export const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
