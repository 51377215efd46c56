export { type GatewayAnnotations, readAnnotations } from "./annotations.ts";
export { blockers } from "./blocker.ts";
export { type CustomResourceDefinition, customResourceDefinition } from "./crd/custom-resource-definition.ts";
export type { StructuralSchema } from "./crd/structural-schema.ts";
export type { DesiredObjects, FilledSecret, ManagedResource, ObjectReference } from "./desired-objects.ts";
export type { Dialect, Gateway, Reading, ReadOptions, World } from "./dialect.ts";
export { dialects } from "./dialects.ts";
export type { Installation } from "./installation.ts";
export type { Kind, PrinterColumn, ValidationRule } from "./kind.ts";
export {
  type AdmissionAnswer,
  type AdmissionWorld,
  admit,
  type ReviewedKind,
  type ReviewedObject,
} from "./langop/admission/admit.ts";
export {
  type ContainerInput,
  type ContainerProblem,
  type ContainerReading,
  readContainer,
} from "./langop/container.ts";
export { languageCluster } from "./langop/kinds/language-cluster.ts";
export { languageModel } from "./langop/kinds/language-model.ts";
export {
  egressRulesOf,
  type NetworkPeer,
  type NetworkPort,
  type NetworkRule,
  type NetworkRules,
  networkRulesOf,
} from "./langop/kinds/network-rule.ts";
export { langop } from "./langop/langop.ts";
export { type ClusterInput, clusterObjects, type GatewayObjectsInput } from "./langop/objects/cluster.ts";
export {
  agentKeySecret,
  agentKeysSecret,
  type CredentialEntry,
  credentialEntries,
  credentialSecret,
} from "./langop/objects/credential.ts";
export { dialectLabel, gatewaySelector, modelSelector, modelServiceLabel } from "./langop/objects/label.ts";
export { type StandaloneInput, standaloneObjects, standaloneReferences } from "./langop/objects/model.ts";
export { clusterNamespace } from "./langop/objects/namespace.ts";
export { type ClusterStatusInput, clusterStatus, type DnsCheck } from "./langop/status/cluster-status.ts";
export { conditionEvents, type EventIntent, eventsOf } from "./langop/status/event.ts";
export type {
  ConditionIntent,
  GatewayAccess,
  ObservedDeployment,
  ServedConfiguration,
  StatusIntent,
  StepResult,
} from "./langop/status/intent.ts";
export { type ModelStatusInput, modelStatus } from "./langop/status/model-status.ts";
export { systemNamespaces } from "./langop/system-namespace.ts";
export { type Manifest, type ManifestProblem, type Manifests, placeOf, readManifests } from "./manifest.ts";
export { originOf, type Resource } from "./resource.ts";
export { worldOf } from "./world.ts";
