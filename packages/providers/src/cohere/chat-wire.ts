import type { ChatWire } from "../wire.ts";
import { readChatAnswer } from "./answer.ts";
import { readCohereFailure } from "./failure.ts";
import { cohereFidelity } from "./fidelity.ts";
import { writeChat } from "./request.ts";
import { CohereStreamReader } from "./stream.ts";

/** Cohere's v2 chat: https://docs.cohere.com/reference/chat */
export const cohereChatWire: ChatWire = {
  name: "cohere",
  fidelity: cohereFidelity,
  write(call, upstream) {
    const { body, ignored, memory } = writeChat(call, upstream);
    return {
      body,
      ignored,
      readAnswer: (answer) => readChatAnswer(answer, memory),
      readStream: (sink) => new CohereStreamReader(sink, memory),
    };
  },
  readFailure: readCohereFailure,
};
