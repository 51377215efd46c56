// Reconcile A: the way to the API server, and server-side apply.
export { ApiError, type ApiErrorCause, type ApiErrorCode, errorOf, errorOfStatus } from "./api-error.ts";
export { type Applier, type ApplierOptions, type ApplyResult, createApplier } from "./apply.ts";
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
// Reconcile B: what runs.
export { type Clock, systemClock } from "./clock.ts";
export {
  type Condition,
  type ConditionIntent,
  nextConditions,
  statusPatch,
  timestamp,
} from "./conditions.ts";
export { type Connection, type ConnectOptions, connect } from "./connect.ts";
export { type Controller, type ControllerHandle, type Source, source } from "./controller.ts";
export { createOnce } from "./create-once.ts";
export { served } from "./discovery.ts";
export { createRecorder, type EventIntent, type Recorder, type RecorderOptions } from "./events.ts";
export { controllerOf, ForeignObjectError } from "./foreign-object-error.ts";
export { type HealthCheck, type HealthOptions, type HealthServer, startHealthServer } from "./health.ts";
export type { LeaseOptions } from "./lease.ts";
export { errorText, type Logger } from "./logger.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
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
export { done, type Outcome, retry, stalled, wait } from "./outcome.ts";
export type { RetryPace } from "./queue.ts";
export type { ReflectorHandle, ReflectorOptions } from "./reflector.ts";
export type { ReflectorTiming } from "./reflector-timing.ts";
export { apiVersionOf, pathOf, type ResourceType, resourceTypes, typeOf } from "./resource-type.ts";
export { createRuntime, type Runtime, type RuntimeOptions } from "./runtime.ts";
export type { ChangeListener, Store, StoreOptions } from "./store.ts";
export type { ApiRequest, ApiResponse, Transport, WatchResponse } from "./transport.ts";
export { fencedTransport } from "./write-fence.ts";
