import type { KubernetesObject, ObjectKey } from "./object.ts";
import type { ResourceType } from "./resource-type.ts";
import type { Transport } from "./transport.ts";

export interface ListOptions {
  /** All namespaces when unset. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** PartialObjectMetadata: no spec, no status, no data. */
  readonly metadataOnly?: boolean;
  /** Objects a page; default 500. The answer holds all pages. */
  readonly limit?: number;
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
