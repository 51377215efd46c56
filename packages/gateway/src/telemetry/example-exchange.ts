import type { Usage } from "@gatewright/call";
import { estimatedUsage } from "../budget/token-estimate.ts";
import { DeploymentMetrics } from "./deployment-metrics.ts";
import type { Registry } from "./registry.ts";
import type { CallerFacts, DeploymentFacts, RequestFacts } from "./request-facts.ts";

/** A deployment as tests of telemetry need it. */
export function exampleDeployment(
  registry: Registry,
  id: string,
  modelName = "gpt",
  provider = "openai",
): DeploymentFacts {
  const litellmModel = `${provider}/${modelName}-upstream`;
  const apiBase = `https://${id}.example/v1`;
  return {
    id,
    modelName,
    litellmModel,
    apiBase,
    provider: { name: provider },
    metrics: new DeploymentMetrics(registry, { modelName, litellmModel, id, apiBase, provider }),
  };
}

/** Usage with these numbers, and nothing else used. */
export function exampleUsage(usage: Partial<Usage>): Usage {
  return { ...estimatedUsage(0, 0), estimated: false, ...usage };
}

/** A caller with everything that can be told of one. */
export const exampleCaller: CallerFacts = {
  kind: "key",
  user: "u-1",
  team: "t-1",
  teamAlias: "Team One",
  keyHash: "ab".repeat(32),
  keyAlias: "app",
};

/** An exchange that is over, with what matters to a test. */
export function exampleExchange(facts: Partial<RequestFacts> = {}): RequestFacts {
  const startedAt = performance.now() - 100;
  return {
    request: { headers: {}, socket: { remoteAddress: "127.0.0.1" } } as RequestFacts["request"],
    snapshot: { digest: "d1" },
    path: "/v1/chat/completions",
    operation: "chat",
    callId: "call-1",
    requestId: "own-1",
    startedAt,
    requestBytes: 10,
    fields: {},
    model: "gpt",
    stream: false,
    calledAt: startedAt + 10,
    answeredAt: startedAt + 90,
    firstByteAt: startedAt + 50,
    sentBytes: 20,
    failure: undefined,
    caller: exampleCaller,
    group: { name: "gpt" },
    deployment: undefined,
    ...facts,
  };
}
