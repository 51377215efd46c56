import { spawnSync } from "node:child_process";
import type { MemberVariable } from "@gatewright/dialects";
import type { Finding } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import type { GatewayKey, ServedModel } from "./banner.ts";
import { servedAgent } from "./served-agent.ts";

const origin = { apiVersion: "langop.io/v1alpha1", kind: "LanguageAgent", namespace: "team", name: "writer" };

function linesOf(
  environment: readonly MemberVariable[],
  {
    key = { kind: "value", value: "sk-1", note: "" },
    models = [],
    findings = [],
  }: {
    readonly key?: GatewayKey;
    readonly models?: readonly ServedModel[];
    readonly findings?: readonly Finding[];
  } = {},
): readonly string[] {
  const member = { origin, findings, environment };
  const declared = { title: "writer", dialect: "langop", member, locate: () => undefined } as const;
  return servedAgent(declared, { url: "http://127.0.0.1:4000", models }, key).lines;
}

const model = (name: string, fault?: string): ServedModel => ({
  name,
  mock: false,
  chat: true,
  ...(fault === undefined ? {} : { fault }),
});
const finding = (code: string, effect: Finding["effect"], text: string): Finding => ({
  code,
  effect,
  origin,
  text,
});

describe("servedAgent", () => {
  test.each([
    {
      name: "the gateway is here",
      input: { name: "MODEL_ENDPOINT", value: "http://gateway.team.svc.cluster.local:8000" },
      want: "export MODEL_ENDPOINT=http://127.0.0.1:4000",
    },
    {
      name: "so are the models of the first generation",
      input: {
        name: "MODEL_ENDPOINTS",
        value: "http://a.team.svc.cluster.local:8000,http://b.team.svc.cluster.local:8000",
      },
      want: "export MODEL_ENDPOINTS=http://127.0.0.1:4000,http://127.0.0.1:4000",
    },
    {
      name: "a gateway that the agent chose itself stays",
      input: { name: "MODEL_ENDPOINT", value: "https://models.example.com" },
      want: "export MODEL_ENDPOINT=https://models.example.com",
    },
    {
      name: "other addresses stay, whatever their port",
      input: { name: "ELSEWHERE", value: "http://gateway.team.svc.cluster.local:8000" },
      want: "export ELSEWHERE=http://gateway.team.svc.cluster.local:8000",
    },
    {
      name: "the key",
      input: { name: "MODEL_API_KEY", secret: { name: "writer-gateway-key", key: "MODEL_API_KEY" } },
      want: "export MODEL_API_KEY=sk-1",
    },
    {
      name: "the key under the name that early agents read",
      input: { name: "OPENAI_API_KEY", secret: { name: "writer-gateway-key", key: "MODEL_API_KEY" } },
      want: "export OPENAI_API_KEY=sk-1",
    },
    {
      name: "the key of another agent is a secret like any other",
      input: { name: "KEY", secret: { name: "reader-gateway-key", key: "MODEL_API_KEY" } },
      want: "# KEY is yours to set: key MODEL_API_KEY of Secret team/reader-gateway-key",
    },
    {
      name: "a secret in clear",
      input: { name: "DB_PASSWORD", value: "hidden" },
      want: "# DB_PASSWORD is yours to set: it is in the agent's own fields, [redacted] here",
    },
    {
      name: "a password in a URL",
      input: { name: "DATABASE", value: "postgres://me:hidden@db/x" },
      want: "# DATABASE is yours to set: it is in the agent's own fields, [redacted] here",
    },
    {
      name: "a name that no shell takes",
      input: { name: "a;rm -rf .\nb", value: "x" },
      want: "# a;rm -rf . b is no name for a shell",
    },
  ])("$name", ({ input, want }) => {
    expect(linesOf([input])).toEqual([want]);
  });

  test.each(["", "plain", "it's", '$HOME `id` "x" \\ #', "two\nlines\n", "~", "a=b", "*", "é"])(
    "a shell takes %j as it is",
    (value) => {
      const script = `${linesOf([{ name: "TEXT", value }]).join("\n")}\nprintf %s "$TEXT"`;
      expect(spawnSync("sh", ["-c", script], { encoding: "utf8" }).stdout).toBe(value);
    },
  );

  test.each([
    { name: "open", key: { kind: "open" }, want: "export MODEL_API_KEY=any" },
    {
      name: "of the environment",
      key: { kind: "variable", name: "LITELLM_MASTER_KEY" },
      want: 'export MODEL_API_KEY="$LITELLM_MASTER_KEY"',
    },
    {
      name: "of agents alone",
      key: { kind: "agents" },
      want: "# MODEL_API_KEY is yours to set: the gateway takes agent keys, and this agent has none",
    },
  ] as const)("a key: $name", ({ key, want }) => {
    const secret = { name: "writer-gateway-key", key: "MODEL_API_KEY" };
    expect(linesOf([{ name: "MODEL_API_KEY", secret }], { key })).toEqual([want]);
  });

  test("what is missing comes last, each on one line", () => {
    const lines = linesOf(
      [
        { name: "LLM_MODEL", value: "a,b,all/c" },
        {
          name: "MCP_SERVERS",
          value: "https://maps.example.com/mcp,http://web.team.svc.cluster.local:8080/mcp",
        },
      ],
      {
        models: [
          model("a"),
          model("b", "KEY is not set"),
          model("all/*", "no\nkey"),
          model("d", "not asked for"),
        ],
        findings: [
          finding("ReferenceMissing", "dropped", "names LanguageModel e, which does not exist."),
          finding("ImageMissing", "blocked", "has no image."),
          finding("FileOutside", "dropped", "is about a cluster alone."),
        ],
      },
    );
    expect(lines.slice(2)).toEqual([
      "# b cannot be served: KEY is not set",
      "# all/c cannot be served: no key",
      "# MCP_SERVERS are addresses of the cluster: no tool runs here",
      "# names LanguageModel e, which does not exist.",
      "# has no image.",
    ]);
  });
});
