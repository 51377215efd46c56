import type { AnswerFormat, ChatCall, ChatOptions, Fields, Reasoning } from "@gatewright/call";
import type { ApiError } from "@gatewright/litellm";
import {
  invalid,
  missing,
  objectAt,
  optionalFlag,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalText,
  reading,
  textAt,
} from "../field.ts";
import { readMessages } from "./read-messages.ts";
import { readToolChoice, readTools } from "./read-tools.ts";

/**
 * Reads the body of `POST /v1/messages`, and of `count_tokens`, which is the same without `max_tokens`: Anthropic wants
 * that, other upstreams can do without it.
 */
export function readRequest(fields: Fields): ChatCall | ApiError {
  return reading(() => callOf(fields));
}

function callOf(fields: Fields): ChatCall {
  const choice = readToolChoice(fields["tool_choice"]);
  const output = optionalObject(fields["output_config"], "output_config") ?? {};
  const format = readFormat(output["format"], fields["output_format"]);
  const reasoning = readReasoning(fields["thinking"], output["effort"]);
  return {
    kind: "chat",
    from: "anthropic",
    stream: optionalFlag(fields["stream"], "stream") ?? false,
    messages: readMessages(fields["system"], fields["messages"]),
    tools: readTools(fields["tools"]),
    ...(choice?.toolChoice === undefined ? {} : { toolChoice: choice.toolChoice }),
    ...(format === undefined ? {} : { format }),
    ...(reasoning === undefined ? {} : { reasoning }),
    options: readOptions(fields, choice?.parallel),
    extra: extraOf(fields, output),
  };
}

const numbers = ["max_tokens", "temperature", "top_p", "top_k"] as const;

function readOptions(fields: Fields, parallel: boolean | undefined): ChatOptions {
  const options: { -readonly [O in keyof ChatOptions]: ChatOptions[O] } = {};
  for (const name of numbers) {
    const value = optionalNumber(fields[name], name);
    if (value !== undefined) options[name] = value;
  }
  const stops = optionalList(fields["stop_sequences"], "stop_sequences");
  if (stops.length > 0) options.stop = stops.map((stop, index) => textAt(stop, `stop_sequences[${index}]`));
  const metadata = optionalObject(fields["metadata"], "metadata") ?? {};
  const user = optionalText(metadata["user_id"], "metadata.user_id");
  if (user !== undefined) options.user = user;
  const tier = optionalText(fields["service_tier"], "service_tier");
  if (tier !== undefined) options.service_tier = tier === "standard_only" ? "default" : tier;
  if (parallel !== undefined) options.parallel_tool_calls = parallel;
  return options;
}

/** `output_format` is where the format was while it was in beta. Anthropic's has no name, others want one. */
function readFormat(value: unknown, older: unknown): AnswerFormat | undefined {
  const path = value === undefined || value === null ? "output_format" : "output_config.format";
  const format = optionalObject(value ?? older, path);
  if (format === undefined) return undefined;
  if (format["type"] === undefined) missing(`${path}.type`);
  if (format["type"] !== "json_schema") invalid(`${path}.type`, "json_schema");
  return {
    kind: "schema",
    name: "answer",
    schema: objectAt(format["schema"], `${path}.schema`),
    strict: true,
  };
}

function readReasoning(value: unknown, level: unknown): Reasoning | undefined {
  const thinking = optionalObject(value, "thinking");
  const effort = optionalText(level, "output_config.effort");
  const depth = effort === undefined ? {} : { effort };
  if (thinking === undefined) return effort === undefined ? undefined : { enabled: true, effort };
  switch (thinking["type"]) {
    case "disabled":
    // As little as the model lets itself be told.
    case "between_tools":
      return { enabled: false };
    case "adaptive":
      return { enabled: true, ...depth };
    case "enabled": {
      const budgetTokens = optionalNumber(thinking["budget_tokens"], "thinking.budget_tokens");
      return { enabled: true, ...depth, budgetTokens: budgetTokens ?? missing("thinking.budget_tokens") };
    }
    case undefined:
      return missing("thinking.type");
    default:
      return invalid("thinking.type", "enabled, disabled, adaptive or between_tools");
  }
}

/** What was read above. */
const known: ReadonlySet<string> = new Set([
  ...numbers,
  "model",
  "messages",
  "system",
  "stream",
  "stop_sequences",
  "metadata",
  "service_tier",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "output_format",
]);

function extraOf(fields: Fields, output: Fields): Fields {
  const extra: { [field: string]: unknown } = {};
  for (const field in fields) {
    const value = fields[field];
    if (value !== undefined && value !== null && !known.has(field)) extra[field] = value;
  }
  const { effort: _, format: __, ...rest } = output;
  if (Object.keys(rest).length > 0) extra["output_config"] = rest;
  return extra;
}
