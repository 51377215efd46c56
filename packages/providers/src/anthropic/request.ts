import type { ChatCall, Fields } from "@gatewright/call";
import { textIn } from "../fields-in.ts";
import type { Upstream } from "../wire.ts";
import { WireNames } from "../wire-names.ts";
import { writeConversation } from "./messages.ts";
import { type ModelTraits, modelTraits } from "./model.ts";
import { writeThinking } from "./thinking.ts";
import { answerForm, demandsCall, writeTools } from "./tools.ts";

/** What reading the answer has to know of the request. */
export interface CallMemory {
  readonly toolNames: WireNames;
  /** Name of the tool whose arguments are the answer's text, in place of a JSON answer. */
  readonly answerTool: string | undefined;
}

export interface WrittenChat {
  readonly body: Fields;
  readonly ignored: readonly string[];
  readonly memory: CallMemory;
}

/** Parameters of Anthropic's own that clients of any API may give, as LiteLLM takes them. */
const ownParameters: ReadonlySet<string> = new Set([
  "thinking",
  "output_config",
  "cache_control",
  "mcp_servers",
  "container",
  "context_management",
  "compaction",
  "inference_geo",
  "speed",
  "diagnostics",
  "thread",
]);

/** Writes a call as the body of `POST /v1/messages`. */
export function writeChat(call: ChatCall, upstream: Upstream): WrittenChat {
  const traits = modelTraits(upstream.model);
  const { callIds, names } = usedNames(call);
  const form = answerForm(call, traits, names);
  if (form.tool !== undefined) names.add(form.tool.name);
  const toolNames = new WireNames(names);
  const { messages, system } = writeConversation(call, traits, toolNames, new WireNames(callIds));
  if (form.note !== undefined) system.push({ type: "text", text: form.note });

  const forced = form.tool !== undefined || (traits.forcedTool && demandsCall(call.toolChoice));
  const { active, effort, maxTokens, thinking } = writeThinking(call, traits, forced);
  const { given, ignored } = extraOf(call, upstream.dropUnknown);
  const output = {
    ...(form.format === undefined ? {} : { format: form.format }),
    ...(effort === undefined ? {} : { effort }),
  };
  const body: Fields = {
    ...given,
    model: upstream.model,
    max_tokens: maxTokens,
    ...(system.length === 0 ? {} : { system }),
    messages,
    ...writeTools(call, traits, toolNames, form.tool),
    ...(thinking === undefined ? {} : { thinking }),
    ...(form.format === undefined && effort === undefined
      ? {}
      : { output_config: { ...Object(given["output_config"]), ...output } }),
    ...sampling(call, traits, active, ignored),
    ...otherOptions(call),
    ...(call.stream ? { stream: true } : {}),
  };
  return { body, ignored, memory: { toolNames, answerTool: form.tool?.name } };
}

/** All names of tools and ids of calls that occur. */
function usedNames({ messages, toolChoice, tools }: ChatCall): { names: Set<string>; callIds: Set<string> } {
  const names = new Set<string>();
  const callIds = new Set<string>();
  for (const tool of tools) {
    if (tool.kind === "function") names.add(tool.name);
  }
  if (toolChoice?.kind === "tool") names.add(toolChoice.name);
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.kind === "tool-call") names.add(part.name);
      if (part.kind === "tool-call" || part.kind === "tool-result") callIds.add(part.id);
    }
  }
  return { names, callIds };
}

/** Everything goes on that a client of this API gave, or of chat completions, where unknown parameters pass. */
function extraOf(
  { extra, from }: ChatCall,
  dropUnknown: boolean,
): { readonly given: Fields; readonly ignored: string[] } {
  const given: { [name: string]: unknown } = {};
  const ignored: string[] = [];
  for (const name in extra) {
    if (ownParameters.has(name) || from === "anthropic" || (from === "openai" && !dropUnknown))
      given[name] = extra[name];
    else ignored.push(name);
  }
  return { given, ignored };
}

/** Thinking takes no `temperature` and no `top_k`, and no `top_p` below this. */
const LEAST_THINKING_TOP_P = 0.95;

function sampling({ options }: ChatCall, traits: ModelTraits, thinks: boolean, ignored: string[]): Fields {
  if (traits.sampling === "none") return {};
  const { temperature, top_k, top_p } = options;
  const written: { [name: string]: number } = {};
  if (temperature !== undefined) {
    if (thinks) ignored.push("temperature");
    else written["temperature"] = Math.min(temperature, 1);
  }
  if (top_p !== undefined) {
    const beside = traits.sampling === "one" && written["temperature"] !== undefined;
    if (beside || (thinks && top_p < LEAST_THINKING_TOP_P)) ignored.push("top_p");
    else written["top_p"] = top_p;
  }
  if (top_k !== undefined) {
    if (thinks) ignored.push("top_k");
    else written["top_k"] = top_k;
  }
  return written;
}

/** Anthropic refuses a request whose user is somebody by name. */
const ADDRESS_OR_TELEPHONE = /^\S+@\S+\.\S+$|^\+?[\d\s().-]{7,}$/;

function otherOptions({ options }: ChatCall): Fields {
  const { metadata, safety_identifier, service_tier: tier, stop, user } = options;
  const stops = stop?.filter((text) => text.trim() !== "") ?? [];
  const userId = textIn(metadata?.["user_id"]) ?? user ?? safety_identifier;
  const known = userId !== undefined && !ADDRESS_OR_TELEPHONE.test(userId);
  return {
    ...(stops.length === 0 ? {} : { stop_sequences: stops }),
    ...(known ? { metadata: { user_id: userId } } : {}),
    ...(tier === undefined ? {} : { service_tier: isStandard(tier) ? "standard_only" : "auto" }),
  };
}

function isStandard(tier: string): boolean {
  return tier === "standard_only" || tier === "default";
}
