import type { ClientApi } from "../client-api.ts";
import { ChunkStream } from "./chunk-stream.ts";
import { readRequest } from "./read-request.ts";
import { writeCompletion } from "./write-completion.ts";

/**
 * OpenAI's chat completions (`POST /v1/chat/completions`) in front of upstreams of other wires, with what LiteLLM adds to
 * them: `cache_control`, `thinking`, `reasoning_content`, `thinking_blocks`, Anthropic's documents and tools.
 */
export const chatApi: ClientApi = {
  read: readRequest,
  writeAnswer: writeCompletion,
  writeStream: (context) => new ChunkStream(context),
};
