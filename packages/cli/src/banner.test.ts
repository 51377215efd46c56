import { describe, expect, test } from "vitest";
import { banner, curlLine, type GatewayKey, type ServedGateway, type ServedModel } from "./banner.ts";

const mock: ServedModel = { name: "hello", mock: true, chat: true };
const real: ServedModel = { name: "gpt-4o", mock: false, chat: true };
const embedding: ServedModel = { name: "embed", mock: true, chat: false };
const lost: ServedModel = { name: "claude", mock: false, chat: true, fault: "ANTHROPIC_API_KEY is not set" };

function served(models: readonly ServedModel[], key: GatewayKey = { kind: "open" }): ServedGateway {
  return { title: "config.yaml", url: "http://127.0.0.1:4000", key, models };
}

describe("curlLine", () => {
  test.each([
    {
      name: "a model that needs no upstream comes first",
      models: [embedding, real, mock],
      want: '"model":"hello"',
    },
    {
      name: "else a chat model that can be served",
      models: [lost, embedding, real],
      want: '"model":"gpt-4o"',
    },
    {
      name: "a wildcard is no model to ask for",
      models: [{ ...real, name: "openai/*" }],
      want: "/v1/models",
    },
    { name: "with nothing to chat with it lists the models", models: [lost, embedding], want: "/v1/models" },
  ])("$name", ({ models, want }) => {
    expect(curlLine(served(models))).toContain(want);
  });

  test.each([
    { name: "open", key: { kind: "open" }, want: undefined },
    {
      name: "an agent's key is its own",
      key: { kind: "agents" },
      want: '-H "Authorization: Bearer $AGENT_KEY"',
    },
    {
      name: "a variable is left to the shell",
      key: { kind: "variable", name: "LITELLM_MASTER_KEY" },
      want: '-H "Authorization: Bearer $LITELLM_MASTER_KEY"',
    },
    {
      name: "a value is quoted",
      key: { kind: "value", value: "sk-it's", note: "" },
      want: `-H 'Authorization: Bearer sk-it'\\''s'`,
    },
  ] as const)("key: $name", ({ key, want }) => {
    const line = curlLine(served([mock], key));
    expect(line).not.toContain("\n");
    if (want === undefined) expect(line).not.toContain("Authorization");
    else expect(line).toContain(want);
  });
});

test("the banner says for each gateway where, with what key, which models, and why not", () => {
  const text = banner(
    [
      served([mock, lost], {
        kind: "value",
        value: "sk-1",
        note: "generated; kept in /data/secrets/LITELLM_MASTER_KEY",
      }),
    ],
    [{ title: "AiGateway team-a/main", reasons: ["It names guards."] }],
  );
  expect(text).toBe(`config.yaml
  base URL  http://127.0.0.1:4000/v1
  key       sk-1 (generated; kept in /data/secrets/LITELLM_MASTER_KEY)
  models    hello
            claude  cannot be served: ANTHROPIC_API_KEY is not set
  try it
    curl http://127.0.0.1:4000/v1/chat/completions -H 'Authorization: Bearer sk-1' -H 'Content-Type: application/json' -d '{"model":"hello","messages":[{"role":"user","content":"Hello!"}]}'

AiGateway team-a/main: not served
  It names guards.

`);
});
