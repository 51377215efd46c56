import type { Operation, Service } from "../provider.ts";

/** What becomes a chat where the upstream does not know it. */
const chats: ReadonlySet<Operation> = new Set<Operation>([
  "completion",
  "response",
  "message",
  "messageTokens",
]);

/** Operations in the plural of error texts: "Groq has no embeddings". */
const nouns: Record<Operation, string> = {
  chat: "chats",
  completion: "chats",
  embedding: "embeddings",
  response: "chats",
  message: "chats",
  messageTokens: "chats",
  imageGeneration: "image generation",
  imageEdit: "image editing",
  imageVariation: "image variations",
  speech: "speech",
  transcription: "transcriptions",
  audioTranslation: "audio translations",
  moderation: "moderations",
  rerank: "reranking",
};

/**
 * How an upstream of OpenAI's shape is served that knows the operations in `passes`: these as they are, what can be
 * said as a chat that way, the rest not at all. `title` names it in the refusals.
 */
export function openaiService(
  title: string,
  passes: ReadonlySet<Operation>,
): (operation: Operation) => Service {
  return (operation) => {
    if (passes.has(operation)) return "passed";
    if (chats.has(operation) && passes.has("chat")) return "translated";
    return { refused: `${title} has no ${nouns[operation]}` };
  };
}
