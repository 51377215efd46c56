import type { ChatWire } from "../wire.ts";
import { readChatAnswer } from "./answer.ts";
import { readOllamaFailure } from "./failure.ts";
import { ollamaFidelity } from "./fidelity.ts";
import { takesThinkingLevels } from "./model.ts";
import { writeChat } from "./request.ts";
import { OllamaStreamReader } from "./stream.ts";

/** Ollama's own /api/chat, as one model takes it. */
export function ollamaChatWire(model: string): ChatWire {
  return {
    name: "ollama",
    fidelity: ollamaFidelity(takesThinkingLevels(model)),
    write(call, upstream) {
      const { body, ignored, memory } = writeChat(call, upstream);
      return {
        body,
        ignored,
        readAnswer: (answer) => readChatAnswer(answer, memory),
        readStream: (sink) => new OllamaStreamReader(sink, memory),
      };
    },
    readFailure: readOllamaFailure,
  };
}
