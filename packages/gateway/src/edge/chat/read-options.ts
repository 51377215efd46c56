import type { ChatOptions, Fields } from "@gatewright/call";
import {
  optionalFlag,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalText,
  textAt,
} from "../field.ts";

const numbers = [
  "temperature",
  "top_p",
  "top_k",
  "seed",
  "n",
  "frequency_penalty",
  "presence_penalty",
  "top_logprobs",
] as const;
const flags = ["logprobs", "parallel_tool_calls", "store"] as const;
const texts = [
  "user",
  "service_tier",
  "verbosity",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
] as const;
const objects = ["logit_bias", "metadata", "audio", "prediction", "web_search_options"] as const;

/**
 * Values that say the same as the parameter's absence. Clients send them with every request, so they are no reason to
 * refuse one to a provider that lacks the parameter.
 */
const defaults: Fields = {
  n: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
  logprobs: false,
  top_logprobs: 0,
  parallel_tool_calls: true,
};

type Options = { -readonly [O in keyof ChatOptions]: ChatOptions[O] };

/** Parameters of chat completions that most APIs have. */
export function readOptions(fields: Fields): ChatOptions {
  const options: Options = {};
  const tokens =
    optionalNumber(fields["max_completion_tokens"], "max_completion_tokens") ??
    optionalNumber(fields["max_tokens"], "max_tokens");
  if (tokens !== undefined) options.max_tokens = tokens;
  for (const name of numbers) {
    const value = optionalNumber(fields[name], name);
    if (value !== undefined && value !== defaults[name]) options[name] = value;
  }
  for (const name of flags) {
    const value = optionalFlag(fields[name], name);
    if (value !== undefined && value !== defaults[name]) options[name] = value;
  }
  for (const name of texts) {
    const value = optionalText(fields[name], name);
    if (value !== undefined) options[name] = value;
  }
  for (const name of objects) {
    const value = optionalObject(fields[name], name);
    if (value !== undefined) options[name] = value;
  }
  const modalities = readTexts(fields["modalities"], "modalities");
  if (modalities.some((modality) => modality !== "text")) options.modalities = modalities;
  const stop = readStop(fields["stop"]);
  if (stop.length > 0) options.stop = stop;
  return options;
}

/** A text or a list of texts. */
export function readStop(value: unknown): readonly string[] {
  return typeof value === "string" ? [value] : readTexts(value, "stop");
}

function readTexts(value: unknown, path: string): readonly string[] {
  return optionalList(value, path).map((item, index) => textAt(item, `${path}[${index}]`));
}

/** Fields that are read here and beside it; all others are kept unread. */
export const known: ReadonlySet<string> = new Set([
  ...numbers,
  ...flags,
  ...texts,
  ...objects,
  "model",
  "messages",
  "stream",
  "stream_options",
  "max_tokens",
  "max_completion_tokens",
  "modalities",
  "stop",
  "tools",
  "tool_choice",
  "functions",
  "function_call",
  "response_format",
  "reasoning_effort",
  "thinking",
]);
