import type { ChatCall, Fields } from "@gatewright/call";
import { demandsCall } from "../anthropic/tools.ts";
import { fieldsIn } from "../fields-in.ts";
import { WireNames } from "../wire-names.ts";
import { writeInference } from "./inference.ts";
import { writeConversation } from "./messages.ts";
import type { ModelTraits } from "./model.ts";
import { writeAnswerForm, writeTools } from "./tools.ts";

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

/** Members of a Converse request that clients may give under Bedrock's names (LiteLLM's way, too). */
const converseMembers: ReadonlySet<string> = new Set([
  "guardrailConfig",
  "performanceConfig",
  "requestMetadata",
  "promptVariables",
  "additionalModelResponseFieldPaths",
  "serviceTier",
]);

const tiers: ReadonlySet<string> = new Set(["default", "flex", "priority", "reserved"]);

/** Writes a call as the body of Converse and ConverseStream. */
export function writeChat(call: ChatCall, traits: ModelTraits, dropUnknown: boolean): WrittenChat {
  const used = usedNames(call);
  const form = writeAnswerForm(call, traits, used.toolNames);
  if (form.tool !== undefined) used.toolNames.add(form.tool.name);
  const toolNames = new WireNames(used.toolNames);
  const { messages, system } = writeConversation(call, traits, toolNames, new WireNames(used.callIds));
  const tools = writeTools(call, traits, toolNames, used.calledTools, form.tool);
  for (const note of [form.note, tools.note]) if (note !== undefined) system.push({ text: note });
  const forced = form.tool !== undefined || (traits.claude.forcedTool && demandsCall(call.toolChoice));
  const inference = writeInference(call, traits, forced);
  const extra = extraOf(call, dropUnknown);
  const { stop, service_tier: tier } = call.options;
  const body: Fields = {
    messages,
    ...(system.length === 0 ? {} : { system }),
    ...present("inferenceConfig", inference.inferenceConfig),
    ...(tools.toolConfig === undefined ? {} : { toolConfig: tools.toolConfig }),
    ...present("outputConfig", {
      ...(form.textFormat === undefined ? {} : { textFormat: form.textFormat }),
      ...(inference.effort === undefined ? {} : { effort: inference.effort }),
    }),
    ...present("additionalModelRequestFields", { ...inference.fields, ...tools.fields, ...extra.fields }),
    // Claude tells which stop text it met only when it is asked.
    ...(traits.family === "anthropic" && stop !== undefined && stop.length > 0
      ? { additionalModelResponseFieldPaths: ["/stop_sequence"] }
      : {}),
    ...(tier !== undefined && tiers.has(tier) ? { serviceTier: { type: tier } } : {}),
    ...extra.members,
  };
  const ignored = [...inference.ignored, ...extra.ignored];
  return { body, ignored, memory: { toolNames, answerTool: form.tool?.name } };
}

function present(name: string, value: Fields): Fields {
  for (const _ in value) return { [name]: value };
  return {};
}

/** A client's other parameters: Converse's own are members of the request, all others are the model's. */
function extraOf(
  { extra }: ChatCall,
  dropUnknown: boolean,
): { readonly members: Fields; readonly fields: Fields; readonly ignored: readonly string[] } {
  const members: [string, unknown][] = [];
  const fields: [string, unknown][] = [];
  const ignored: string[] = [];
  for (const name in extra) {
    const value = extra[name];
    if (converseMembers.has(name)) members.push([name, value]);
    else if (name === "additionalModelRequestFields") fields.push(...Object.entries(fieldsIn(value) ?? {}));
    else if (dropUnknown) ignored.push(name);
    else fields.push([name, value]);
  }
  return { members: Object.fromEntries(members), fields: Object.fromEntries(fields), ignored };
}

/** All names of tools and ids of calls that occur. */
interface UsedNames {
  readonly toolNames: Set<string>;
  /** Of the tools called in earlier messages. */
  readonly calledTools: Set<string>;
  readonly callIds: Set<string>;
}

function usedNames({ messages, toolChoice, tools }: ChatCall): UsedNames {
  const toolNames = new Set<string>();
  const calledTools = new Set<string>();
  const callIds = new Set<string>();
  for (const tool of tools) if (tool.kind === "function") toolNames.add(tool.name);
  if (toolChoice?.kind === "tool") toolNames.add(toolChoice.name);
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.kind === "tool-call") {
        toolNames.add(part.name);
        calledTools.add(part.name);
        callIds.add(part.id);
      } else if (part.kind === "tool-result") callIds.add(part.id);
    }
  }
  return { toolNames, calledTools, callIds };
}
