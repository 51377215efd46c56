import type { ApiError } from "@gatewright/litellm";
import type { Operation } from "@gatewright/providers";
import { chatApi } from "./chat/chat-api.ts";
import type { ClientApi } from "./client-api.ts";
import { completionsApi } from "./completions/completions-api.ts";
import { messagesApi } from "./messages/messages-api.ts";
import { messagesError } from "./messages/messages-error.ts";
import { responsesApi } from "./responses/responses-api.ts";

/** What there is to know of an operation before any model is known (litellm.md §3.2). */
export interface OperationFacts {
  /** Documented paths. */
  readonly paths: readonly string[];
  /** Also under the forms that name the model in the path (`/openai/deployments/{model}/…`), with this end. */
  readonly modelPath?: string;
  /** A field that every request has beside `model`. */
  readonly needed?: string;
  /** Model used when the client names none. */
  readonly defaultModel?: string;
  /** The body is a form with files, which is passed on as it comes. */
  readonly multipart?: true;
  /** How it is read into the call form and answered from it; absent where it is only ever passed. */
  readonly api?: ClientApi;
  /** The answer is text of some length. */
  readonly writesText?: true;
  /** Body of an error answer, where it is not OpenAI's. */
  readonly errorBody?: (error: ApiError, requestId: string) => object;
  /** OpenTelemetry's name of it. */
  readonly telemetryName: string;
}

function openaiPaths(suffix: string): readonly string[] {
  return [suffix, `/v1${suffix}`];
}

/** Every operation. The longer of two paths that end alike comes first. */
export const operationFacts: { readonly [O in Operation]: OperationFacts } = {
  chat: {
    writesText: true,
    paths: openaiPaths("/chat/completions"),
    modelPath: "/chat/completions",
    needed: "messages",
    api: chatApi,
    telemetryName: "chat",
  },
  completion: {
    writesText: true,
    paths: openaiPaths("/completions"),
    modelPath: "/completions",
    needed: "prompt",
    api: completionsApi,
    telemetryName: "text_completion",
  },
  embedding: {
    paths: openaiPaths("/embeddings"),
    modelPath: "/embeddings",
    needed: "input",
    telemetryName: "embeddings",
  },
  response: {
    writesText: true,
    paths: openaiPaths("/responses"),
    modelPath: "/responses",
    needed: "input",
    api: responsesApi,
    telemetryName: "chat",
  },
  message: {
    writesText: true,
    paths: ["/v1/messages", "/anthropic/v1/messages"],
    needed: "messages",
    api: messagesApi,
    errorBody: messagesError,
    telemetryName: "chat",
  },
  messageTokens: {
    paths: ["/v1/messages/count_tokens", "/anthropic/v1/messages/count_tokens"],
    needed: "messages",
    api: messagesApi,
    errorBody: messagesError,
    telemetryName: "count_tokens",
  },
  imageGeneration: {
    paths: openaiPaths("/images/generations"),
    modelPath: "/images/generations",
    needed: "prompt",
    telemetryName: "image_generation",
  },
  imageEdit: {
    paths: openaiPaths("/images/edits"),
    modelPath: "/images/edits",
    multipart: true,
    telemetryName: "image_edit",
  },
  imageVariation: {
    paths: openaiPaths("/images/variations"),
    modelPath: "/images/variations",
    multipart: true,
    telemetryName: "image_variation",
  },
  speech: {
    paths: openaiPaths("/audio/speech"),
    modelPath: "/audio/speech",
    needed: "input",
    telemetryName: "speech",
  },
  transcription: {
    paths: openaiPaths("/audio/transcriptions"),
    modelPath: "/audio/transcriptions",
    multipart: true,
    telemetryName: "transcription",
  },
  audioTranslation: {
    paths: openaiPaths("/audio/translations"),
    modelPath: "/audio/translations",
    multipart: true,
    telemetryName: "audio_translation",
  },
  moderation: {
    paths: openaiPaths("/moderations"),
    needed: "input",
    defaultModel: "omni-moderation-latest",
    telemetryName: "moderation",
  },
  rerank: {
    paths: [...openaiPaths("/rerank"), "/v2/rerank"],
    needed: "documents",
    telemetryName: "rerank",
  },
};

/** Operations that are read into a chat and answered from one. */
export type ChatOperation = "chat" | "completion" | "response" | "message";
