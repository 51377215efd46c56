import { describe, expect, test } from "vitest";
import { readManifests } from "../../manifest.ts";
import { worldOf } from "../../world.ts";
import { langop } from "../langop.ts";
import { parseAgentLimit } from "./agent-limit.ts";

interface Agent {
  readonly name: string;
  readonly uid?: string;
  readonly limits?: string;
  readonly namespace?: string;
}

/** What the namespace `demo` with these agents comes to. */
function read(
  agents: readonly Agent[],
  options: { engine?: "native" | "litellm"; agentKeys?: boolean } = {},
) {
  const { engine = "native", agentKeys = true } = options;
  const resources = agents.map(({ name, uid, limits, namespace = "demo" }) => ({
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageAgent",
    metadata: {
      name,
      namespace,
      ...(uid === undefined ? {} : { uid }),
      ...(limits === undefined ? {} : { annotations: { "gatewright.dev/limits": limits } }),
    },
  }));
  const cluster = { apiVersion: "langop.io/v1alpha1", kind: "LanguageCluster", metadata: { name: "demo" } };
  const text = [cluster, ...resources].map((resource) => JSON.stringify(resource)).join("\n---\n");
  const { manifests } = readManifests([{ path: "demo.yaml", text }]);
  const { gateways, findings } = langop.read(worldOf(manifests, { secrets: "complete" }), {
    engine,
    agentKeys: () => agentKeys,
  });
  const told = (all: typeof findings): string[] =>
    all
      .filter(({ origin }) => origin.kind === "LanguageAgent")
      .map(({ code, effect, origin }) => `${code} ${effect} ${origin.name} ${origin.path}`);
  const [gateway] = gateways;
  return {
    agents: gateway?.plan.identity.agents,
    limits: gateway?.plan.limit.map(({ origin: _, ...limit }) => limit),
    findings: told(gateway?.findings ?? []),
    homeless: told(findings),
    text: gateway?.findings.map((finding) => finding.text).join("\n") ?? "",
  };
}

const place = "metadata.annotations[gatewright.dev/limits]";

describe("agents of a gateway", () => {
  test("are those of its namespace that exist, by name, each with its own limit", () => {
    const { agents, limits, findings, homeless } = read([
      { name: "writer", uid: "uid-w" },
      { name: "researcher", uid: "uid-r", limits: "requests-per-minute=60, parallel-requests=4" },
      { name: "elsewhere", uid: "uid-e", namespace: "other" },
      { name: "planned" },
    ]);
    expect(agents).toEqual([
      { id: "uid-r", name: "researcher" },
      { id: "uid-w", name: "writer" },
    ]);
    expect(limits).toEqual([
      { scope: { kind: "agent", agent: "uid-r" }, requestsPerMinute: 60, parallelRequests: 4 },
    ]);
    expect([...findings, ...homeless]).toEqual([]);
  });

  const limited = { name: "a", limits: "requests-per-minute=1" };
  test.each([
    {
      name: "no UID",
      why: "the key it will have is not known yet",
      agent: limited,
      options: {},
      want: [`AgentNotCreated approximated a ${place}`],
    },
    {
      name: "LiteLLM",
      why: "it has no agents",
      agent: { ...limited, uid: "u" },
      options: { engine: "litellm" },
      want: [`EngineLacksSetting dropped a ${place}`],
    },
    {
      name: "LiteLLM, no UID",
      why: "no operator will apply it",
      agent: limited,
      options: { engine: "litellm" },
      want: [`EngineLacksSetting dropped a ${place}`],
    },
    {
      name: "an open gateway",
      why: "callers without keys are all alike",
      agent: { ...limited, uid: "u" },
      options: { agentKeys: false },
      want: [`AgentKeysNotAsked dropped a ${place}`],
    },
    {
      name: "an open gateway, no limit",
      why: "nothing is lost",
      agent: { name: "a", uid: "u", limits: "" },
      options: { agentKeys: false },
      want: [],
    },
  ] as const)("$name: $why", ({ agent, options, want }) => {
    expect(read([agent], options).findings).toEqual(want);
  });

  test("whose limits nobody applies, since their namespace has no gateway of its own, are reported", () => {
    const { homeless, agents } = read([
      { ...limited, name: "b", uid: "u", namespace: "other" },
      { ...limited, uid: "v", namespace: "other" },
    ]);
    expect(homeless).toEqual([
      `NamespaceNotManaged dropped a ${place}`,
      `NamespaceNotManaged dropped b ${place}`,
    ]);
    expect(agents).toBeUndefined();
  });

  test("with words that cannot be read have one request a minute, and are told which words", () => {
    const { limits, findings, text } = read([
      { name: "a", uid: "u", limits: "tokens-per-minute=500 request-per-minute=60" },
    ]);
    expect(limits).toEqual([
      { scope: { kind: "agent", agent: "u" }, requestsPerMinute: 1, tokensPerMinute: 500 },
    ]);
    expect(findings).toEqual([`LimitUnreadable approximated a ${place}`]);
    expect(text).toContain('"request-per-minute=60"');
  });
});

describe("parseAgentLimit", () => {
  test.each([
    {
      name: "all of them",
      text: "requests-per-minute=60, tokens-per-minute=20000, parallel-requests=4",
      amounts: { requestsPerMinute: 60, tokensPerMinute: 20000, parallelRequests: 4 },
    },
    {
      name: "lines and spaces",
      text: "\n  requests-per-minute = 60\n  parallel-requests=4,\n",
      amounts: { requestsPerMinute: 60, parallelRequests: 4 },
    },
    { name: "nothing", text: " , ", amounts: {} },
    { name: "a stop", text: "requests-per-minute=0", amounts: { requestsPerMinute: 0 } },
    {
      name: "no number",
      text: "requests-per-minute=6O",
      amounts: { requestsPerMinute: 1 },
      unreadable: ["requests-per-minute=6O"],
    },
    {
      name: "a negative number beside a good one",
      text: "requests-per-minute=60 parallel-requests=-1",
      amounts: { requestsPerMinute: 1 },
      unreadable: ["parallel-requests=-1"],
    },
    {
      name: "twice",
      text: "tokens-per-minute=5,tokens-per-minute=50",
      amounts: { requestsPerMinute: 1, tokensPerMinute: 5 },
      unreadable: ["tokens-per-minute=50"],
    },
    {
      name: "a stop beside rubbish stays one",
      text: "requests-per-minute=0 now",
      amounts: { requestsPerMinute: 0 },
      unreadable: ["now"],
    },
    {
      name: "a name that every object has",
      text: "constructor=5",
      amounts: { requestsPerMinute: 1 },
      unreadable: ["constructor=5"],
    },
    {
      name: "another form",
      text: '{"requests-per-minute":60}',
      amounts: { requestsPerMinute: 1 },
      unreadable: ['{"requests-per-minute":60}'],
    },
    {
      name: "a novel",
      text: `${"word ".repeat(9)}${"x".repeat(99)}`,
      amounts: { requestsPerMinute: 1 },
      unreadable: ["word", "word", "word", "word", "word"],
    },
  ])("$name", ({ text, amounts, unreadable = [] }) => {
    expect(parseAgentLimit(text)).toEqual({ amounts, unreadable });
  });
});
