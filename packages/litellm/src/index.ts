// The contract's own signatures speak of these; the gateway, which knows no plan, gets them from here.
export type { Finding, JsonObject, Origin } from "@gatewright/plan";
export { type AdminModel, type AdminState, adminState } from "./admin.ts";
export { checkDocument } from "./check-document.ts";
export { digestOf } from "./digest.ts";
export type { Document } from "./document.ts";
export { type Delivered, documentOf } from "./document-of.ts";
export { environmentName } from "./environment.ts";
export { apiError, type ErrorCode, type ErrorDetails } from "./error.ts";
export type { ApiError, ErrorEnvelope } from "./error-envelope.ts";
export { type ProviderRow, providerRows } from "./generated/providers.ts";
export {
  keyHeaders,
  providerHeaderPrefix,
  rateLimitHeader,
  requestHeaders,
  responseHeaders,
} from "./header.ts";
export {
  alive,
  type HealthBody,
  type HealthEndpoint,
  healthBody,
  litellmVersion,
  type ReadinessBody,
  type ReadinessDetail,
  type ReadinessState,
  readiness,
  readinessDetail,
} from "./health.ts";
export { latencyBuckets, type Metric, metrics, noLabel } from "./metric.ts";
export { nearestName } from "./nearest-name.ts";
export type { Problem } from "./problem.ts";
export { type Reading, type ReadOptions, readDocument } from "./read.ts";
export { requestParameters } from "./request-parameters.ts";
export type { Settings } from "./schema/document.ts";
export { Secret } from "./secret.ts";
export {
  fallbackVariable,
  type SecretFile,
  type SecretPlace,
  secretFile,
  secretPlace,
  secretVariable,
} from "./secret-name.ts";
export {
  type SecretLookup,
  type Settlement,
  settle,
  type Unresolved,
  withCredentials,
  withVariables,
} from "./settle.ts";
export { features } from "./support/feature.ts";
export { type UnsupportedOptions, unsupported } from "./unsupported.ts";
export { type UpstreamFailure, upstreamError } from "./upstream-error.ts";
export { writeDocument } from "./write.ts";
