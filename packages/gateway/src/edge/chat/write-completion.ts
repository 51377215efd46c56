import type { ChatAnswer, Choice, Fields, Part } from "@gatewright/call";
import type { AnswerContext } from "../client-api.ts";
import { finishReasons } from "./finish-reason.ts";
import {
  annotationOf,
  imageMember,
  NO_ARGUMENTS,
  redactedBlock,
  thinkingBlock,
  toolCall,
  toolCallId,
} from "./message-member.ts";
import { usageObject } from "./usage-object.ts";

/** A whole answer as a `chat.completion`, its members in LiteLLM's order (litellm.md §3.8). */
export function writeCompletion(answer: ChatAnswer, context: AnswerContext): object {
  const { callId, model, time } = context;
  const { choices, id, serviceTier, usage } = answer;
  return {
    id: id === "" ? `chatcmpl-${callId}` : id,
    created: Math.floor(time / 1000),
    model,
    object: "chat.completion",
    choices: choices.map((choice, index) => writeChoice(choice, index, callId)),
    ...(usage === undefined ? {} : { usage: usageObject(usage) }),
    ...(serviceTier === undefined ? {} : { service_tier: serviceTier }),
  };
}

function writeChoice({ finish, logprobs, parts }: Choice, index: number, callId: string): object {
  return {
    finish_reason: finishReasons[finish],
    index,
    message: writeMessage(parts, index, callId),
    ...(logprobs === undefined ? {} : { logprobs }),
  };
}

/** What a message says, gathered from its parts. */
interface Gathered {
  content: string;
  reasoning: string;
  refusal: string;
  audio: unknown;
  readonly blocks: Fields[];
  readonly calls: Fields[];
  readonly annotations: Fields[];
  readonly citations: Fields[];
  readonly images: Fields[];
}

function writeMessage(parts: readonly Part[], choice: number, callId: string): object {
  const said: Gathered = {
    content: "",
    reasoning: "",
    refusal: "",
    audio: undefined,
    blocks: [],
    calls: [],
    annotations: [],
    citations: [],
    images: [],
  };
  for (const part of parts) gather(said, part, choice, callId);
  const { annotations, audio, blocks, calls, citations, content, images, reasoning, refusal } = said;
  const silent = content === "" && (calls.length > 0 || refusal !== "" || audio !== undefined);
  const own = {
    ...(citations.length === 0 ? {} : { citations: [citations] }),
    ...(refusal === "" ? {} : { refusal }),
  };
  return {
    content: silent ? null : content,
    role: "assistant",
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
    ...(blocks.length === 0 ? {} : { thinking_blocks: blocks }),
    ...(refusal === "" ? {} : { refusal }),
    ...(annotations.length === 0 ? {} : { annotations }),
    ...(images.length === 0 ? {} : { images }),
    ...(audio === undefined ? {} : { audio }),
    ...(Object.keys(own).length === 0 ? {} : { provider_specific_fields: own }),
  };
}

function gather(said: Gathered, part: Part, choice: number, callId: string): void {
  switch (part.kind) {
    case "text": {
      const start = said.content.length;
      said.content += part.text;
      for (const citation of part.citations ?? []) {
        const annotation = annotationOf(citation, start, said.content.length);
        if (annotation === undefined) said.citations.push(citation.value);
        else said.annotations.push(annotation);
      }
      return;
    }
    case "refusal":
      said.refusal += part.text;
      return;
    case "reasoning":
      said.reasoning += part.text;
      if (part.signature !== undefined) said.blocks.push(thinkingBlock(part.text, part.signature));
      return;
    case "redacted-reasoning":
      said.blocks.push(redactedBlock(part.data));
      return;
    case "tool-call": {
      const id = toolCallId(part.id, callId, choice, said.calls.length);
      said.calls.push(toolCall(id, part.name, part.arguments || NO_ARGUMENTS, part.signature));
      return;
    }
    case "image": {
      const image = imageMember(part);
      if (image !== undefined) said.images.push(image);
      return;
    }
    case "other":
      if (part.wire === "openai" && "audio" in part.value) said.audio = part.value["audio"];
      return;
    default:
      // What only clients say.
      return;
  }
}
