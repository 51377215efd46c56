import type { ClientApi } from "../client-api.ts";
import { readCompletionRequest } from "./read-completion-request.ts";
import { TextChunkStream } from "./text-chunk-stream.ts";
import { writeTextCompletion } from "./write-text-completion.ts";

/**
 * OpenAI's older completions (`POST /v1/completions`) in front of upstreams that only know chats: the prompt is the
 * user's only message, and what the model says is the completion.
 */
export const completionsApi: ClientApi = {
  read: readCompletionRequest,
  writeAnswer: writeTextCompletion,
  writeStream: (context) => new TextChunkStream(context),
};
