import type { ChatWire } from "../wire.ts";
import { readChatAnswer } from "./answer.ts";
import { readAnthropicFailure } from "./failure.ts";
import { anthropicFidelity } from "./fidelity.ts";
import { modelTraits } from "./model.ts";
import { writeChat } from "./request.ts";
import { MessageStreamReader } from "./stream.ts";

/** The Messages API, as one model takes it. The model's name may be in the form of any platform that has Claude. */
export function anthropicChatWire(model: string): ChatWire {
  return {
    name: "anthropic",
    fidelity: anthropicFidelity(modelTraits(model)),
    write(call, upstream) {
      const { body, ignored, memory } = writeChat(call, upstream);
      return {
        body,
        ignored,
        readAnswer: (answer) => readChatAnswer(answer, memory),
        readStream: (sink) => new MessageStreamReader(sink, memory),
      };
    },
    readFailure: readAnthropicFailure,
  };
}
