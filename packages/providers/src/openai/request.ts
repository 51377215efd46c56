import {
  type ChatCall,
  type ChatOptions,
  effortOfBudget,
  type Fidelity,
  type Fields,
} from "@gatewright/call";
import type { Upstream } from "../wire.ts";
import { WireNames } from "../wire-names.ts";
import { CallIds } from "./call-ids.ts";
import { writeFormat } from "./format.ts";
import { writeMessages } from "./messages.ts";
import { writeTools } from "./tools.ts";
import type { ChatTraits } from "./traits.ts";

/** What reading the answer has to know of the request. */
export interface CallMemory {
  readonly toolNames: WireNames;
}

export interface WrittenChat {
  readonly body: Fields;
  readonly ignored: readonly string[];
  readonly memory: CallMemory;
}

/** Writes a call as the body of `POST /chat/completions`. */
export function writeChat(
  call: ChatCall,
  upstream: Upstream,
  traits: ChatTraits,
  fidelity: Fidelity,
): WrittenChat {
  const { names, callIds } = usedNames(call);
  const toolNames = new WireNames(names);
  const format = writeFormat(call, traits);
  const messages = writeMessages(call.messages, { traits, toolNames, callIds: new CallIds(callIds) });
  if (format?.note !== undefined) messages.unshift({ role: "system", content: format.note });
  const passes = call.from === "openai" && !upstream.dropUnknown;
  const body: Fields = {
    ...(passes ? call.extra : {}),
    model: upstream.model,
    messages,
    ...writeTools(call, traits, toolNames),
    ...(format === undefined ? {} : { response_format: format.responseFormat }),
    ...writeReasoning(call, traits),
    ...writeOptions(call, traits, fidelity),
    ...(call.stream ? { stream: true } : {}),
    ...(call.stream && traits.streamOptions ? { stream_options: { include_usage: true } } : {}),
  };
  return { body, ignored: passes ? [] : Object.keys(call.extra), memory: { toolNames } };
}

/** All names of tools and ids of calls that occur. */
function usedNames({ messages, toolChoice, tools }: ChatCall): {
  readonly names: ReadonlySet<string>;
  readonly callIds: ReadonlySet<string>;
} {
  const names = new Set<string>();
  const callIds = new Set<string>();
  for (const tool of tools) if (tool.kind === "function") names.add(tool.name);
  if (toolChoice?.kind === "tool") names.add(toolChoice.name);
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.kind === "tool-call") names.add(part.name);
      if (part.kind === "tool-call" || part.kind === "tool-result") callIds.add(part.id);
    }
  }
  return { names, callIds };
}

/** A model that thinks cannot be told here not to, nor one that does not to begin: only how much. */
function writeReasoning({ reasoning }: ChatCall, traits: ChatTraits): Fields {
  if (reasoning === undefined || !traits.reasoningEffort) return {};
  const { budgetTokens, effort } = reasoning;
  if (effort !== undefined) return { reasoning_effort: effort };
  return budgetTokens === undefined ? {} : { reasoning_effort: effortOfBudget(budgetTokens) };
}

function writeOptions({ options, tools }: ChatCall, traits: ChatTraits, fidelity: Fidelity): Fields {
  const written: { [name: string]: unknown } = {};
  for (const name in options) {
    const option = name as keyof ChatOptions;
    if (fidelity[option] === "kept")
      written[option === "max_tokens" ? traits.tokenLimit : option] = options[option];
  }
  if (options.parallel_tool_calls !== undefined && tools.length > 0) {
    written["parallel_tool_calls"] = options.parallel_tool_calls;
  }
  return written;
}
