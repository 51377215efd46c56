export { type GatewayAnnotations, readAnnotations } from "./annotations.ts";
export { blockers } from "./blocker.ts";
export { type CustomResourceDefinition, customResourceDefinition } from "./crd/custom-resource-definition.ts";
export type { StructuralSchema } from "./crd/structural-schema.ts";
export type { DesiredObjects, FilledSecret, ManagedResource, ObjectReference } from "./desired-objects.ts";
export type { Dialect, Gateway, Member, MemberVariable, Reading, ReadOptions, World } from "./dialect.ts";
export { dialects } from "./dialects.ts";
export type { Installation } from "./installation.ts";
export type { Kind, PrinterColumn, ValidationRule } from "./kind.ts";
export {
  type AdmissionAnswer,
  type AdmissionWorld,
  admit,
  type ReviewedKind,
  type ReviewedObject,
  type ReviewedType,
  reviewedTypes,
} from "./langop/admission/admit.ts";
export {
  type ContainerInput,
  type ContainerProblem,
  type ContainerReading,
  readContainer,
} from "./langop/container.ts";
export { languageAgent } from "./langop/kinds/language-agent.ts";
export { languageAgentRuntime } from "./langop/kinds/language-agent-runtime.ts";
export { languageAgentSelfConfig } from "./langop/kinds/language-agent-self-config.ts";
export { languageCluster } from "./langop/kinds/language-cluster.ts";
export { languageModel } from "./langop/kinds/language-model.ts";
export { languagePersona } from "./langop/kinds/language-persona.ts";
export { languageTool } from "./langop/kinds/language-tool.ts";
export {
  egressRulesOf,
  type NetworkPeer,
  type NetworkPort,
  type NetworkRule,
  type NetworkRules,
  networkRulesOf,
} from "./langop/kinds/network-rule.ts";
export { langop } from "./langop/langop.ts";
export { type AgentObjects, agentObjects } from "./langop/objects/agent/agent.ts";
export { agentConfigName } from "./langop/objects/agent/config.ts";
export type { AgentObjectsInput } from "./langop/objects/agent/input.ts";
export {
  agentKey,
  agentKeyObject,
  gatewayKeySecret,
  runtimeSecretObject,
} from "./langop/objects/agent/secret.ts";
export { generationAnnotation } from "./langop/objects/agent/workload.ts";
export { authSecret } from "./langop/objects/auth-issuer.ts";
export {
  type AuthSecretNeeds,
  authConfigSecret,
  authSecretNeeds,
  authSecretObject,
} from "./langop/objects/auth-secret.ts";
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
export { type ToolObjectsInput, toolObjects } from "./langop/objects/tool/tool.ts";
export { type Agent, type AgentReading, isUndecided, readAgent } from "./langop/read/agent.ts";
export { agentLimitsAnnotation } from "./langop/read/agent-limit.ts";
export { agentReferences } from "./langop/read/agent-reference.ts";
export { toolEndpoint } from "./langop/read/agent-tool.ts";
export { decideSelfConfig, type SelfConfigDecision } from "./langop/read/self-config.ts";
export { type AgentStatusInput, agentStatus } from "./langop/status/agent-status.ts";
export { type ClusterStatusInput, clusterStatus, type DnsCheck } from "./langop/status/cluster-status.ts";
export { conditionEvents, type EventIntent, eventsOf } from "./langop/status/event.ts";
export type {
  ConditionIntent,
  GatewayAccess,
  ObservedDeployment,
  ObservedRollout,
  ObservedRun,
  ServedConfiguration,
  StatusIntent,
  StepResult,
} from "./langop/status/intent.ts";
export { type ModelStatusInput, modelStatus } from "./langop/status/model-status.ts";
export { personaStatus } from "./langop/status/persona-status.ts";
export { type SelfConfigOutcome, selfConfigStatus } from "./langop/status/self-config-status.ts";
export { type ToolDiscovery, type ToolOffer, toolOffer } from "./langop/status/tool-offer.ts";
export { type ToolStatusInput, toolStatus } from "./langop/status/tool-status.ts";
export { systemNamespaces } from "./langop/system-namespace.ts";
export { type Manifest, type ManifestProblem, type Manifests, placeOf, readManifests } from "./manifest.ts";
export { originOf, type Resource } from "./resource.ts";
export { readSpec } from "./spec.ts";
export { worldOf } from "./world.ts";
