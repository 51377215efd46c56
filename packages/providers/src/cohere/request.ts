import {
  budgetOfEffort,
  type ChatCall,
  type Fields,
  type FunctionTool,
  type Reasoning,
} from "@gatewright/call";
import type { Upstream } from "../wire.ts";
import { WireNames } from "../wire-names.ts";
import { writeMessages } from "./messages.ts";

/** What reading the answer has to know of the request. */
export interface CallMemory {
  readonly toolNames: WireNames;
  /** The client wants one tool call at a time, which Cohere cannot be told: further ones are not handed on. */
  readonly singleCall: boolean;
}

export interface WrittenChat {
  readonly body: Fields;
  readonly ignored: readonly string[];
  readonly memory: CallMemory;
}

/** Parameters of Cohere's own that clients of any API may give. */
const ownParameters: ReadonlySet<string> = new Set([
  "documents",
  "citation_options",
  "safety_mode",
  "priority",
  "thinking",
]);

/** Writes a call as the body of `POST /v2/chat`. */
export function writeChat(call: ChatCall, upstream: Upstream): WrittenChat {
  const toolNames = new WireNames(namesOf(call));
  const { given, ignored } = extraOf(call, upstream.dropUnknown);
  const body: Fields = {
    ...given,
    model: upstream.model,
    messages: writeMessages(call.messages, toolNames),
    ...writeTools(call, toolNames),
    ...writeFormat(call),
    ...writeThinking(call.reasoning),
    ...writeOptions(call),
    ...(call.stream ? { stream: true } : {}),
  };
  return { body, ignored, memory: { toolNames, singleCall: call.options.parallel_tool_calls === false } };
}

function namesOf({ messages, tools }: ChatCall): ReadonlySet<string> {
  const names = new Set<string>();
  for (const tool of tools) if (tool.kind === "function") names.add(tool.name);
  for (const { parts } of messages)
    for (const part of parts) if (part.kind === "tool-call") names.add(part.name);
  return names;
}

function extraOf(
  { extra, from }: ChatCall,
  dropUnknown: boolean,
): { readonly given: Fields; readonly ignored: readonly string[] } {
  const given: { [name: string]: unknown } = {};
  const ignored: string[] = [];
  for (const name in extra) {
    if (ownParameters.has(name) || (from === "openai" && !dropUnknown)) given[name] = extra[name];
    else ignored.push(name);
  }
  return { given, ignored };
}

/** Cohere has no choice of one tool: the others are not offered. */
function writeTools({ tools, toolChoice }: ChatCall, toolNames: WireNames): Fields {
  const functions = tools.filter((tool): tool is FunctionTool => tool.kind === "function");
  const offered = functions.filter(({ name }) => {
    if (toolChoice?.kind === "tool") return name === toolChoice.name;
    return toolChoice?.kind !== "allowed" || toolChoice.names.includes(name);
  });
  if (offered.length === 0) return {};
  const required =
    toolChoice?.kind === "required" ||
    toolChoice?.kind === "tool" ||
    (toolChoice?.kind === "allowed" && toolChoice.required);
  return {
    tools: offered.map(({ description, name, parameters }) => ({
      type: "function",
      function: {
        name: toolNames.toWire(name),
        ...(description === undefined ? {} : { description }),
        parameters: parameters ?? { type: "object", properties: {} },
      },
    })),
    ...(offered.every(({ strict }) => strict === true) ? { strict_tools: true } : {}),
    ...(required ? { tool_choice: "REQUIRED" } : {}),
    ...(toolChoice?.kind === "none" ? { tool_choice: "NONE" } : {}),
  };
}

function writeFormat({ format }: ChatCall): Fields {
  if (format === undefined) return {};
  const schema = format.kind === "schema" ? { json_schema: format.schema } : {};
  return { response_format: { type: "json_object", ...schema } };
}

function writeThinking(reasoning: Reasoning | undefined): Fields {
  if (reasoning === undefined) return {};
  if (!reasoning.enabled) return { thinking: { type: "disabled" } };
  const { budgetTokens, effort } = reasoning;
  const budget = budgetTokens ?? (effort === undefined ? undefined : budgetOfEffort(effort));
  return { thinking: { type: "enabled", ...(budget === undefined ? {} : { token_budget: budget }) } };
}

function writeOptions({ options }: ChatCall): Fields {
  const { max_tokens, temperature, top_p, top_k, stop, seed, frequency_penalty, presence_penalty } = options;
  const written: { [name: string]: unknown } = {};
  if (max_tokens !== undefined) written["max_tokens"] = max_tokens;
  if (temperature !== undefined) written["temperature"] = temperature;
  if (top_p !== undefined) written["p"] = within(0.01, top_p, 0.99);
  if (top_k !== undefined) written["k"] = within(0, top_k, 500);
  if (stop !== undefined && stop.length > 0) written["stop_sequences"] = stop;
  if (seed !== undefined) written["seed"] = seed;
  if (frequency_penalty !== undefined) written["frequency_penalty"] = within(0, frequency_penalty, 1);
  if (presence_penalty !== undefined) written["presence_penalty"] = within(0, presence_penalty, 1);
  return written;
}

/** Cohere refuses what is outside of its bounds, and other APIs have wider ones: 1 is OpenAI's usual `top_p`. */
function within(least: number, value: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
