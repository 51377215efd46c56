import type { ChatCall } from "@gatewright/call";
import type { ChatWire, Translation } from "../wire.ts";
import { readChatAnswer } from "./answer.ts";
import { readBedrockFailure } from "./failure.ts";
import { bedrockFidelity } from "./fidelity.ts";
import { type ModelTraits, modelTraits } from "./model.ts";
import { writeChat } from "./request.ts";
import { ConverseStreamReader } from "./stream.ts";

/** Converse and ConverseStream, as one model takes them. */
export function bedrockChatWire(model: string): ChatWire {
  const traits = modelTraits(model);
  return {
    name: "bedrock",
    fidelity: bedrockFidelity(traits),
    write: (call, upstream) => translation(call, traits, upstream.dropUnknown),
    readFailure: readBedrockFailure,
  };
}

function translation(call: ChatCall, traits: ModelTraits, dropUnknown: boolean): Translation {
  const { body, ignored, memory } = writeChat(call, traits, dropUnknown);
  return {
    body,
    ignored,
    readAnswer: (answer) => readChatAnswer(answer, memory),
    readStream: (sink) => new ConverseStreamReader(sink, memory),
  };
}
