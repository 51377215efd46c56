import type { AnswerFormat, ChatCall, ChatOptions, Fields, Message, Reasoning } from "@gatewright/call";
import type { ApiError } from "@gatewright/litellm";
import {
  invalid,
  objectAt,
  optionalFlag,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalText,
  reading,
  textAt,
} from "../field.ts";
import { readInput } from "./read-input.ts";
import { readToolChoice, readTools } from "./read-tools.ts";

/** Reads the body of `POST /v1/responses`. */
export function readRequest(fields: Fields): ChatCall | ApiError {
  return reading(() => callOf(fields));
}

function callOf(fields: Fields): ChatCall {
  refuseState(fields);
  const instructions = optionalText(fields["instructions"], "instructions");
  const input = readInput(fields["input"]);
  const system: readonly Message[] =
    instructions === undefined ? [] : [{ role: "system", parts: [{ kind: "text", text: instructions }] }];
  const text = optionalObject(fields["text"], "text") ?? {};
  const toolChoice = readToolChoice(fields["tool_choice"]);
  const format = readFormat(text["format"]);
  const reasoning = readReasoning(fields["reasoning"]);
  return {
    kind: "chat",
    from: "responses",
    stream: optionalFlag(fields["stream"], "stream") ?? false,
    messages: [...system, ...input],
    tools: readTools(fields["tools"]),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(format === undefined ? {} : { format }),
    ...(reasoning === undefined ? {} : { reasoning }),
    options: readOptions(fields, text),
    extra: extraOf(fields),
  };
}

/** What would need a provider that keeps something between requests. */
const stateful: readonly (readonly [field: string, wanted: string])[] = [
  [
    "previous_response_id",
    "absent: this model's provider keeps no responses. Send the earlier turns as items of `input`",
  ],
  [
    "conversation",
    "absent: this model's provider keeps no conversations. Send the earlier turns as items of `input`",
  ],
  [
    "prompt",
    "absent: this model's provider keeps no prompts. Send the prompt's text as `instructions` and `input`",
  ],
  [
    "background",
    "absent or false: this model's provider answers only while the request waits. Leave it out, or use `stream`",
  ],
];

function refuseState(fields: Fields): void {
  for (const [field, wanted] of stateful) {
    const value = fields[field];
    if (value !== undefined && value !== null && value !== false) invalid(field, wanted);
  }
}

const texts = [
  "user",
  "service_tier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
] as const;
const flags = ["parallel_tool_calls", "store"] as const;
const numbers = ["temperature", "top_p"] as const;

function readOptions(fields: Fields, text: Fields): ChatOptions {
  const options: { -readonly [O in keyof ChatOptions]: ChatOptions[O] } = {};
  for (const name of texts) {
    const value = optionalText(fields[name], name);
    if (value !== undefined) options[name] = value;
  }
  for (const name of flags) {
    const value = optionalFlag(fields[name], name);
    if (value !== undefined) options[name] = value;
  }
  for (const name of numbers) {
    const value = optionalNumber(fields[name], name);
    if (value !== undefined) options[name] = value;
  }
  const tokens = optionalNumber(fields["max_output_tokens"], "max_output_tokens");
  if (tokens !== undefined) options.max_tokens = tokens;
  const metadata = optionalObject(fields["metadata"], "metadata");
  if (metadata !== undefined) options.metadata = metadata;
  const verbosity = optionalText(text["verbosity"], "text.verbosity");
  if (verbosity !== undefined) options.verbosity = verbosity;
  readLogprobs(fields, options);
  return options;
}

/**
 * Asked for by `include`, or by how many are wanted. Of what else `include` names, reasoning is always sent in a form
 * that can be given back, and the rest belongs to hosted tools.
 */
function readLogprobs(fields: Fields, options: { logprobs?: boolean; top_logprobs?: number }): void {
  const most = optionalNumber(fields["top_logprobs"], "top_logprobs") ?? 0;
  const included = optionalList(fields["include"], "include").includes("message.output_text.logprobs");
  if (included || most > 0) options.logprobs = true;
  if (most > 0) options.top_logprobs = most;
}

function readFormat(value: unknown): AnswerFormat | undefined {
  const format = optionalObject(value, "text.format");
  if (format === undefined) return undefined;
  switch (format["type"]) {
    case "text":
      return undefined;
    case "json_object":
      return { kind: "json" };
    case "json_schema":
      return schemaOf(format);
    default:
      return invalid("text.format.type", "text, json_object or json_schema");
  }
}

function schemaOf(format: Fields): AnswerFormat {
  const description = optionalText(format["description"], "text.format.description");
  const strict = optionalFlag(format["strict"], "text.format.strict");
  return {
    kind: "schema",
    name: textAt(format["name"], "text.format.name"),
    schema: objectAt(format["schema"], "text.format.schema"),
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
  };
}

/** `generate_summary` is the older name of `summary`. */
function readReasoning(value: unknown): Reasoning | undefined {
  const reasoning = optionalObject(value, "reasoning") ?? {};
  const effort = optionalText(reasoning["effort"], "reasoning.effort");
  const summary =
    optionalText(reasoning["summary"], "reasoning.summary") ??
    optionalText(reasoning["generate_summary"], "reasoning.generate_summary");
  if (effort === undefined && summary === undefined) return undefined;
  return {
    enabled: effort !== "none",
    ...(effort === undefined ? {} : { effort }),
    ...(summary === undefined ? {} : { summary }),
  };
}

/** What was read above, or says nothing to a provider that does not speak Responses. */
const known: ReadonlySet<string> = new Set([
  ...stateful.map(([field]) => field),
  ...texts,
  ...flags,
  ...numbers,
  "model",
  "input",
  "instructions",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "text",
  "reasoning",
  "max_output_tokens",
  "metadata",
  "top_logprobs",
  "include",
]);

function extraOf(fields: Fields): Fields {
  const extra: { [field: string]: unknown } = {};
  for (const field in fields) {
    const value = fields[field];
    if (value === undefined || value === null || known.has(field)) continue;
    // The default, which is what every provider does.
    if (field === "truncation" && value === "disabled") continue;
    extra[field] = value;
  }
  return extra;
}
