import type { ChatWire } from "../wire.ts";
import { readChatAnswer } from "./answer.ts";
import { readOpenaiFailure } from "./failure.ts";
import { openaiFidelity } from "./fidelity.ts";
import { writeChat } from "./request.ts";
import { ChunkStreamReader } from "./stream.ts";
import { type ChatTraits, compatibleTraits, openaiTraits } from "./traits.ts";

/** OpenAI's chat completions, as OpenAI and Azure have them. */
export const openaiChatWire: ChatWire = chatWire(openaiTraits);

/** Chat completions of a server that differs from most compatible ones in these traits. */
export function openaiCompatibleChatWire(quirks: Partial<ChatTraits>): ChatWire {
  return chatWire({ ...compatibleTraits, ...quirks });
}

const compatible = openaiCompatibleChatWire({});

/** Names that OpenAI gives its models, fine-tuned ones included. */
const OPENAI_MODEL = /^(?:ft:)?(?:gpt-|chatgpt-|codex-|computer-use-|o\d)/;

/**
 * The wire for the prefix `openai/`, which people write for any server with OpenAI's API: a model whose name is not one
 * of OpenAI's is taken to be on one of those, many of which know neither `max_completion_tokens` nor `developer`.
 */
export function openaiChatWireOf(model: string): ChatWire {
  return OPENAI_MODEL.test(model) && !model.startsWith("gpt-oss") ? openaiChatWire : compatible;
}

function chatWire(traits: ChatTraits): ChatWire {
  const fidelity = openaiFidelity(traits);
  return {
    name: "openai",
    fidelity,
    write(call, upstream) {
      const { body, ignored, memory } = writeChat(call, upstream, traits, fidelity);
      return {
        body,
        ignored,
        readAnswer: (answer) => readChatAnswer(answer, memory),
        readStream: (sink) => new ChunkStreamReader(sink, memory),
      };
    },
    readFailure: readOpenaiFailure,
  };
}
