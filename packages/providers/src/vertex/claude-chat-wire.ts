import { anthropicChatWire } from "../anthropic/chat-wire.ts";
import { fieldsIn, parsedJson } from "../fields-in.ts";
import { readGeminiFailure } from "../gemini/failure.ts";
import type { ChatWire } from "../wire.ts";

const VERSION = "vertex-2023-10-16";

/** The Messages API as Vertex has it: the model stands in the address, and the version in the body. */
export function claudeChatWire(model: string): ChatWire {
  const wire = anthropicChatWire(model);
  return {
    name: wire.name,
    fidelity: wire.fidelity,
    write(call, upstream) {
      const translation = wire.write(call, upstream);
      const { model: _, ...body } = translation.body;
      return {
        body: { anthropic_version: VERSION, ...body },
        ignored: translation.ignored,
        readAnswer: (answer) => translation.readAnswer(answer),
        readStream: (sink) => translation.readStream(sink),
      };
    },
    readFailure: (status, text) =>
      isGoogles(text) ? readGeminiFailure(status, text) : wire.readFailure(status, text),
  };
}

/** Google refuses some calls before Anthropic's part of it hears of them, in its own form. */
function isGoogles(text: string): boolean {
  const body = parsedJson(text);
  return Array.isArray(body) || typeof fieldsIn(fieldsIn(body)?.["error"])?.["code"] === "number";
}
