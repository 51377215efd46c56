export { parse as parseYaml } from "yaml";
export { arbitraryCall } from "./conformance/arbitrary-call.ts";
export { conversationOf, keptCall } from "./conformance/kept-call.ts";
export {
  answer,
  chat,
  type ExampleAnswer,
  type ExampleGateway,
  type ExampleGateways,
  type ExampleModel,
  exampleGateways,
  post,
  type Values,
} from "./example-gateways.ts";
export type { Behaviour, Script } from "./fake-upstream/behaviour.ts";
export {
  type FakeUpstream,
  type FakeUpstreamOptions,
  startFakeUpstream,
} from "./fake-upstream/fake-upstream.ts";
export type { RecordedRequest, UpstreamStats } from "./fake-upstream/recording.ts";
export { freePort } from "./free-port.ts";
export { agentImage } from "./kubernetes/agent/agent-image.ts";
export { type AgentAnswer, type RunningAgent, runningAgent } from "./kubernetes/agent/running-agent.ts";
export type { ApiAnswer, ApiClient, WatchEvent } from "./kubernetes/api-client.ts";
export type { AuditEvent } from "./kubernetes/audit.ts";
export { connectKubernetes, type KubernetesConnection } from "./kubernetes/connection.ts";
export { defaultControllers } from "./kubernetes/controllers.ts";
export { comesTo, type Death, deathsIn, die, inLanes } from "./kubernetes/deaths.ts";
export {
  createFaultyTransport,
  type Fault,
  type FaultRule,
  type FaultyTransport,
  faultAnswers,
  isWrite,
  type RecordedApiRequest,
} from "./kubernetes/faulty-transport.ts";
export type { ImageProgram } from "./kubernetes/kubelet/container-command.ts";
export type { Pod } from "./kubernetes/kubelet/pod.ts";
export type { Place, PodNetwork } from "./kubernetes/kubelet/pod-network.ts";
export {
  type Kubelet,
  type KubeletOptions,
  type KubeletPod,
  startKubelet,
} from "./kubernetes/kubelet/start-kubelet.ts";
export type {
  KubectlOptions,
  KubectlResult,
  Kubernetes,
  KubernetesAccess,
} from "./kubernetes/kubernetes.ts";
export type { KubernetesOptions } from "./kubernetes/kubernetes-options.ts";
export {
  type Condition,
  conditionOf,
  type LangopStage,
  type LiveObject,
  type Manifest,
  type Question,
  type StageOptions,
  startLangopStage,
} from "./kubernetes/langop-stage.ts";
export {
  clusterOf,
  createUser,
  fullSpec,
  gatewayPodOf,
  modelOf,
  namespaceOf,
  secretOf,
  teamModels,
  type User,
} from "./kubernetes/langop-team.ts";
export {
  agentName,
  clusterName,
  createLangopWorld,
  editInstructions,
  editModel,
  editRules,
  type LangopWorld,
  modelName,
  unready,
} from "./kubernetes/langop-world.ts";
export {
  agentManifest,
  type MemberManifest,
  type MemberName,
  memberCondition,
  personaManifest,
  readMember,
  runtimeManifest,
  toolManifest,
  upstreamModel,
} from "./kubernetes/member-manifests.ts";
export {
  type MortalOperator,
  type MortalOperatorOptions,
  type MortalWay,
  startMortalOperator,
} from "./kubernetes/mortal-operator.ts";
export {
  type Connection,
  type NetworkPlace,
  networkPermits,
  type PolicyObject,
} from "./kubernetes/network-permits.ts";
export {
  type PretendGateways,
  type PretendGatewaysOptions,
  pretendGateways,
} from "./kubernetes/pretend-gateways.ts";
export {
  type FoundPrograms,
  findKubernetesPrograms,
  type KubernetesPrograms,
} from "./kubernetes/programs.ts";
export { leaveBehind, theirAgentSecret } from "./kubernetes/replaced-operator.ts";
export { sharedKubernetes, uniqueName } from "./kubernetes/shared-kubernetes.ts";
export { startKubernetes } from "./kubernetes/start-kubernetes.ts";
export {
  agentOf,
  taskAgents,
  teamAgents,
  toolOf,
} from "./kubernetes/team-agents.ts";
export {
  startTestOperator,
  type TestOperator,
  type TestOperatorOptions,
} from "./kubernetes/test-operator.ts";
export { readWorld, type World, type WorldOptions } from "./kubernetes/world.ts";
export { differences } from "./kubernetes/world-differences.ts";
export { type ManualClock, manualClock } from "./manual-clock.ts";
export {
  type McpRequest,
  type McpServerOptions,
  type OfferedTool,
  type RunningMcpServer,
  startMcpServer,
} from "./mcp/mcp-server.ts";
export { toolImage } from "./mcp/tool-image.ts";
export { type NameRecords, type NameServer, startNameServer } from "./name-server.ts";
export { type Exit, type ProcessOptions, type RunningProcess, startProcess } from "./process.ts";
export { startRedis, type TestRedis, withoutRedis } from "./redis.ts";
export { editedLeaf, schemaLeaves, undescribedFields } from "./schema-leaves.ts";
export { chatText, events, type ReadStream, readStream } from "./sse.ts";
export { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";
export { startTokenServer, type TokenServer } from "./token-server.ts";
export { GENEROUS_MILLISECONDS, type WaitOptions, waitFor, within } from "./wait.ts";
