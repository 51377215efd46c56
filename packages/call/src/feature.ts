import type { ChatCall, ChatOptions } from "./chat-call.ts";
import type { Part, Source } from "./part.ts";
import type { WireName } from "./wire-name.ts";

/**
 * Something a call may use and a wire may lack. Parameters have OpenAI's names, which are also the names in LiteLLM's
 * error texts and in `x-gatewright-dropped`; parts of the conversation have names of their own.
 */
export type Feature = keyof ChatOptions | (typeof conversationFeatures)[number];

/** What a conversation can be made of beside plain text, and parameters with a shape of their own. */
export const conversationFeatures = [
  "system",
  "developer",
  "message_name",
  "image_url",
  "image_base64",
  "image_file",
  "audio_input",
  "document_url",
  "document_base64",
  "document_text",
  "document_file",
  "document_citations",
  "tools",
  "strict_tools",
  "provider_tools",
  "tool_choice_none",
  "tool_choice_required",
  "tool_choice_tool",
  "tool_choice_allowed",
  "tool_result_image",
  "tool_result_document",
  "tool_result_error",
  "assistant_prefill",
  "reasoning_content",
  "reasoning_signature",
  "redacted_reasoning",
  "provider_parts",
  "cache_control",
  "response_format_json",
  "response_format_schema",
  "reasoning_effort",
  "thinking",
  "reasoning_summary",
] as const;

/**
 * What a wire does with a feature. `mapped` says what it becomes: the intent arrives, the letter may not. `ignored`: a
 * hint that at most changes price or quality, left out without asking. `dropped`: a parameter the wire does not have
 * (LiteLLM's UnsupportedParamsError unless `drop_params`). `refused`: a part of the conversation that cannot be left out
 * without changing what was said, so the call is refused (400).
 */
export type Treatment = "kept" | `mapped: ${string}` | "ignored" | "dropped" | "refused";

/** What one wire does with each feature. Its documentation and its behaviour both come from this table. */
export type Fidelity = { readonly [F in Feature]: Treatment };

/** A feature that a call uses, and where: `messages[2].parts[0]`, or the parameter's name. */
export interface Use {
  readonly feature: Feature;
  readonly path: string;
}

/** What becomes of a call in a wire, beside what is kept and mapped. */
export interface Losses {
  readonly ignored: readonly Feature[];
  readonly dropped: readonly Feature[];
  /** The first use of each refused feature. */
  readonly refused: readonly Use[];
}

const none: readonly never[] = Object.freeze([]);
const noLosses: Losses = Object.freeze({ ignored: none, dropped: none, refused: none });

/** What a wire cannot say of the call. */
export function lossesOf(
  call: ChatCall,
  wire: { readonly name: WireName; readonly fidelity: Fidelity },
): Losses {
  let losses: { ignored: Feature[]; dropped: Feature[]; refused: Use[] } | undefined;
  eachUse(call, wire.name, (feature, message, part) => {
    const treatment = wire.fidelity[feature];
    if (treatment !== "ignored" && treatment !== "dropped" && treatment !== "refused") return;
    losses ??= { ignored: [], dropped: [], refused: [] };
    if (treatment !== "refused") {
      if (!losses[treatment].includes(feature)) losses[treatment].push(feature);
    } else if (!losses.refused.some((use) => use.feature === feature)) {
      losses.refused.push({ feature, path: pathOf(feature, message, part) });
    }
  });
  return losses ?? noLosses;
}

/** Parameters with a feature for each of their forms. */
const parameters: { readonly [F in Feature]?: string } = {
  tool_choice_none: "tool_choice",
  tool_choice_required: "tool_choice",
  tool_choice_tool: "tool_choice",
  tool_choice_allowed: "tool_choice",
  response_format_json: "response_format",
  response_format_schema: "response_format",
  provider_tools: "tools",
  strict_tools: "strict",
};

/** What clients call it: the parameter of OpenAI's that a feature is a form of, else the feature's own name. */
export function parameterOf(feature: Feature): string {
  return parameters[feature] ?? feature;
}

/** Every feature the call uses, once. */
export function featuresOf(call: ChatCall): ReadonlySet<Feature> {
  const features = new Set<Feature>();
  eachUse(call, undefined, (feature) => features.add(feature));
  return features;
}

function pathOf(feature: Feature, message: number, part: number): string {
  return message < 0 ? feature : `messages[${message}]${part < 0 ? "" : `.parts[${part}]`}`;
}

type Visit = (feature: Feature, message: number, part: number) => void;

/** `own`: the wire whose own tools and parts are nothing special. */
function eachUse(call: ChatCall, own: WireName | undefined, visit: Visit): void {
  for (const option in call.options) visit(option as keyof ChatOptions, -1, -1);
  eachParameter(call, own, visit);
  const { messages } = call;
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index];
    if (message === undefined) continue;
    if (message.role === "system" || message.role === "developer") visit(message.role, index, -1);
    if (message.name !== undefined) visit("message_name", index, -1);
    const { parts } = message;
    for (let at = 0; at < parts.length; at++) {
      const part = parts[at];
      if (part !== undefined) eachOfPart(part, own, (feature) => visit(feature, index, at));
    }
  }
  if (messages.at(-1)?.role === "assistant") visit("assistant_prefill", messages.length - 1, -1);
}

function eachParameter(call: ChatCall, own: WireName | undefined, visit: Visit): void {
  const use = (feature: Feature): void => visit(feature, -1, -1);
  for (const tool of call.tools) {
    if (tool.kind === "other") {
      if (tool.wire !== own) use("provider_tools");
      continue;
    }
    use("tools");
    if (tool.strict === true) use("strict_tools");
    if (tool.cache !== undefined) use("cache_control");
  }
  const { toolChoice, format, reasoning } = call;
  if (toolChoice !== undefined && toolChoice.kind !== "auto") use(`tool_choice_${toolChoice.kind}`);
  if (format !== undefined) use(`response_format_${format.kind}`);
  if (reasoning === undefined) return;
  if (reasoning.effort !== undefined) use("reasoning_effort");
  if (reasoning.summary !== undefined) use("reasoning_summary");
  const said = reasoning.effort ?? reasoning.summary;
  if (reasoning.budgetTokens !== undefined || said === undefined) use("thinking");
}

function eachOfPart(part: Part, own: WireName | undefined, use: (feature: Feature) => void): void {
  if ("cache" in part && part.cache !== undefined) use("cache_control");
  switch (part.kind) {
    case "text":
    case "refusal":
    case "tool-call":
      return;
    case "image":
      return use(part.source.kind === "text" ? "image_file" : `image_${part.source.kind}`);
    case "audio":
      return use("audio_input");
    case "document":
      use(documentFeature(part.source));
      if (part.cite === true) use("document_citations");
      return;
    case "tool-result":
      if (part.isError) use("tool_result_error");
      for (const { kind } of part.content) if (kind !== "text") use(`tool_result_${kind}`);
      return;
    case "reasoning":
      use("reasoning_content");
      if (part.signature !== undefined) use("reasoning_signature");
      return;
    case "redacted-reasoning":
      return use("redacted_reasoning");
    case "other":
      if (part.wire !== own) use("provider_parts");
      return;
  }
}

function documentFeature({ kind }: Source): Feature {
  return `document_${kind}`;
}
