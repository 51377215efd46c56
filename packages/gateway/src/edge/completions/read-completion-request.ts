import type { ChatCall, ChatOptions, Fields } from "@gatewright/call";
import type { ApiError } from "@gatewright/litellm";
import { known as knownOfChats, readOptions } from "../chat/read-options.ts";
import { extraFields } from "../extra-fields.ts";
import { invalid, missing, optionalFlag, optionalNumber, reading } from "../field.ts";

/** Reads the body of `POST /v1/completions`. */
export function readCompletionRequest(fields: Fields): ChatCall | ApiError {
  return reading(() => callOf(fields));
}

function callOf(fields: Fields): ChatCall {
  refuseOwn(fields);
  return {
    kind: "chat",
    from: "openai",
    stream: optionalFlag(fields["stream"], "stream") ?? false,
    messages: [{ role: "user", parts: [{ kind: "text", text: readPrompt(fields["prompt"]) }] }],
    tools: [],
    options: optionsOf(fields),
    extra: extraFields(fields, known),
  };
}

/** A chat has one prompt, and it is text. */
function readPrompt(value: unknown): string {
  if (value === undefined || value === null) return missing("prompt");
  const prompt: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (typeof prompt === "string" && prompt !== "") return prompt;
  return invalid(
    "prompt",
    "one text that is not empty: this model's provider knows chats only, which take neither tokens nor several prompts at once",
  );
}

/** What a chat cannot do. */
function refuseOwn(fields: Fields): void {
  const wanted = "absent: this model's provider knows chats only, which have nothing like it";
  const suffix = fields["suffix"];
  if (suffix !== undefined && suffix !== null && suffix !== "") invalid("suffix", wanted);
  if (optionalFlag(fields["echo"], "echo") === true) invalid("echo", wanted);
  const bestOf = optionalNumber(fields["best_of"], "best_of");
  // As many as are wanted are the best of so many.
  if (bestOf !== undefined && bestOf !== (optionalNumber(fields["n"], "n") ?? 1)) invalid("best_of", wanted);
}

/** `logprobs` is the number of alternatives here, which chats call `top_logprobs`. */
function optionsOf(fields: Fields): ChatOptions {
  const alternatives = optionalNumber(fields["logprobs"], "logprobs");
  const options = readOptions({ ...fields, logprobs: undefined });
  if (alternatives === undefined) return options;
  return { ...options, logprobs: true, ...(alternatives > 0 ? { top_logprobs: alternatives } : {}) };
}

const known: ReadonlySet<string> = new Set([...knownOfChats, "prompt", "suffix", "echo", "best_of"]);
