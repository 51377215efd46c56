import type { ChatCall, Fields } from "@gatewright/call";
import { providerNamed } from "@gatewright/providers";
import { arbitraryCall, conversationOf, keptCall } from "@gatewright/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatApi } from "./chat-api.ts";

const MODEL = "gpt-5";

function wire(provider: string) {
  const found = providerNamed(provider)?.chat(MODEL);
  if (found === undefined) throw new Error(`there is no provider ${provider}`);
  return found;
}

/** The call as it comes back from what the provider would be sent. */
function thereAndBack(provider: string, call: ChatCall): ChatCall {
  const { body } = wire(provider).write(call, { model: MODEL, dropUnknown: false });
  const read = chatApi.read(JSON.parse(JSON.stringify(body)) as Fields);
  if ("status" in read) throw new Error(JSON.stringify(read));
  return read;
}

describe.each(["openai", "azure", "groq", "litellm_proxy"])("what %s is sent", (provider) => {
  it("is read back equal wherever the fidelity says kept", () => {
    const { fidelity } = wire(provider);
    fc.assert(
      fc.property(arbitraryCall, (call) => {
        const kept = keptCall(call, fidelity);
        expect(conversationOf(thereAndBack(provider, kept))).toEqual(conversationOf(kept));
      }),
      { numRuns: 300 },
    );
  });

  it("is read back whatever the call holds, with every tool call and its result", () => {
    fc.assert(
      fc.property(arbitraryCall, (call) => {
        expect(idsOf(thereAndBack(provider, call))).toEqual(idsOf(call));
      }),
    );
  });
});

function idsOf({ messages }: ChatCall): readonly unknown[] {
  return messages
    .flatMap(({ parts }) => parts)
    .flatMap((part) =>
      part.kind === "tool-call" || part.kind === "tool-result" ? [[part.kind, part.id, part.name]] : [],
    );
}
