// Reconcile A: the way to the API server, and server-side apply.
export { ApiError, type ApiErrorCause, type ApiErrorCode, errorOf, errorOfStatus } from "./api-error.ts";
export {
  type Client,
  type ClientOptions,
  createClient,
  type JsonPatchOperation,
  type ListOptions,
  METADATA,
  METADATA_LIST,
  type WriteOptions,
} from "./client.ts";
export { type Connection, type ConnectOptions, connect } from "./connect.ts";
export { served } from "./discovery.ts";
export {
  type FieldsV1,
  type KubernetesObject,
  keyOf,
  keyText,
  type ManagedFieldsEntry,
  type ObjectKey,
  type ObjectMeta,
  type OwnerReference,
  objectKey,
} from "./object.ts";
export { apiVersionOf, pathOf, type ResourceType, resourceTypes, typeOf } from "./resource-type.ts";
export type { ApiRequest, ApiResponse, Transport, WatchResponse } from "./transport.ts";
