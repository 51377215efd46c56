import { describe, expect, it } from "vitest";
import type { ChatCall } from "./chat-call.ts";
import {
  conversationFeatures,
  type Feature,
  type Fidelity,
  featuresOf,
  lossesOf,
  type Treatment,
} from "./feature.ts";

const plain: ChatCall = {
  kind: "chat",
  from: "openai",
  stream: false,
  messages: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
  tools: [],
  options: {},
  extra: {},
};

function all(treatment: Treatment, but: Partial<Fidelity> = {}): Fidelity {
  const options = ["seed", "top_k", "temperature"];
  const names = [...conversationFeatures, ...options] as Feature[];
  return { ...Object.fromEntries(names.map((name) => [name, treatment])), ...but } as Fidelity;
}

describe("featuresOf", () => {
  it.each<[string, Partial<ChatCall>, readonly Feature[]]>([
    ["a plain question", {}, []],
    ["parameters", { options: { seed: 1, top_k: 2 } }, ["seed", "top_k"]],
    ["an effort", { reasoning: { enabled: true, effort: "low" } }, ["reasoning_effort"]],
    ["a budget", { reasoning: { enabled: true, budgetTokens: 2000 } }, ["thinking"]],
    ["thinking switched off", { reasoning: { enabled: false } }, ["thinking"]],
    ["a summary alone", { reasoning: { enabled: true, summary: "auto" } }, ["reasoning_summary"]],
    [
      "tools",
      { tools: [{ kind: "function", name: "a", strict: true, cache: {} }], toolChoice: { kind: "required" } },
      ["tools", "strict_tools", "cache_control", "tool_choice_required"],
    ],
    [
      "an assistant's beginning that is to be gone on with",
      { messages: [...plain.messages, { role: "assistant", parts: [{ kind: "text", text: "I" }] }] },
      ["assistant_prefill"],
    ],
    [
      "parts",
      {
        messages: [
          { role: "system", parts: [{ kind: "text", text: "be", cache: {} }] },
          {
            role: "user",
            parts: [
              { kind: "image", source: { kind: "url", url: "https://example.com/a.png" } },
              { kind: "document", source: { kind: "text", text: "a" }, cite: true },
              {
                kind: "tool-result",
                id: "1",
                isError: true,
                content: [{ kind: "image", source: { kind: "file", id: "f" } }],
              },
            ],
          },
        ],
      },
      [
        "system",
        "cache_control",
        "image_url",
        "document_text",
        "document_citations",
        "tool_result_error",
        "tool_result_image",
      ],
    ],
  ])("finds what %s uses", (_, more, want) => {
    expect([...featuresOf({ ...plain, ...more })].sort()).toEqual([...want].sort());
  });
});

describe("lossesOf", () => {
  const call: ChatCall = {
    ...plain,
    messages: [
      ...plain.messages,
      {
        role: "user",
        parts: [
          { kind: "text", text: "see" },
          { kind: "audio", data: "", format: "wav" },
        ],
      },
      { role: "user", parts: [{ kind: "other", wire: "anthropic", value: {} }] },
    ],
    tools: [{ kind: "other", wire: "anthropic", value: {} }],
    options: { seed: 1, temperature: 0 },
  };

  it("sorts what is not kept by what becomes of it, and says where", () => {
    const fidelity = all("kept", {
      seed: "dropped",
      audio_input: "refused",
      provider_parts: "ignored",
      provider_tools: "mapped: something like it",
    });
    expect(lossesOf(call, { name: "openai", fidelity })).toEqual({
      ignored: ["provider_parts"],
      dropped: ["seed"],
      refused: [{ feature: "audio_input", path: "messages[1].parts[1]" }],
    });
  });

  it("loses nothing of a wire's own", () => {
    const fidelity = all("kept", { provider_parts: "refused", provider_tools: "refused" });
    expect(lossesOf(call, { name: "anthropic", fidelity }).refused).toEqual([]);
    expect(lossesOf(call, { name: "openai", fidelity }).refused.map(({ feature }) => feature)).toEqual([
      "provider_tools",
      "provider_parts",
    ]);
  });
});
