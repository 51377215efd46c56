import type { ChatCall } from "@gatewright/call";
import type { ChatWire, Translation, Upstream } from "../wire.ts";
import { readChatAnswer } from "./answer.ts";
import { readGeminiFailure } from "./failure.ts";
import { geminiFidelity } from "./fidelity.ts";
import { writeChat } from "./request.ts";
import { GeminiStreamReader } from "./stream.ts";

/** generateContent and streamGenerateContent, the same on AI Studio and on Vertex. */
export const geminiChatWire: ChatWire = {
  name: "gemini",
  fidelity: geminiFidelity,
  write: writeTranslation,
  readFailure: readGeminiFailure,
};

function writeTranslation(call: ChatCall, upstream: Upstream): Translation {
  const { body, ignored, memory } = writeChat(call, upstream);
  return {
    body,
    ignored,
    readAnswer: (answer) => readChatAnswer(answer, memory),
    readStream: (sink) => new GeminiStreamReader(sink, memory),
  };
}
