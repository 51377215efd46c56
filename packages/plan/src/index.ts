export { type Assembly, assemble, concerns } from "./assemble.ts";
export type { Budget } from "./budget.ts";
export type { Cache } from "./cache.ts";
export { check } from "./check.ts";
export type { Credential, SecretKey, SecretReference } from "./credential.ts";
export { type Change, diff } from "./diff.ts";
export { planDigest } from "./digest.ts";
export type { Exposure } from "./exposure.ts";
export { compareFindings, type Effect, type Finding } from "./finding.ts";
export type {
  Concern,
  Engine,
  EntityConcern,
  EntityConcerns,
  GatewayHeader,
  GatewayPlan,
  Layout,
  Part,
  SettingConcern,
  SettingConcerns,
} from "./gateway.ts";
export type { Guard } from "./guard.ts";
export type { Identity } from "./identity.ts";
export { canonicalText, compareText, frozen, isJsonObject, type Json, type JsonObject } from "./json.ts";
export type { Key } from "./key.ts";
export type { Limit } from "./limit.ts";
export type { Model, ModelDefaults, ModelInformation, ModelRate } from "./model.ts";
export type { Network } from "./network.ts";
export { compareOrigins, type Origin, originText } from "./origin.ts";
export type { Overlay } from "./overlay.ts";
export type { Fallback, ModelEndpoint, ModelRoute, PassThrough, Route } from "./route.ts";
export type { Telemetry } from "./telemetry.ts";
export type { Tenant } from "./tenant.ts";
export type { Tool } from "./tool.ts";
export type { Workload } from "./workload.ts";
