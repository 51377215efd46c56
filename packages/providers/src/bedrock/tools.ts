import type { ChatCall, Fields, FunctionTool, Tool } from "@gatewright/call";
import { outputSchema } from "../anthropic/output-schema.ts";
import { answerForm, demandsCall } from "../anthropic/tools.ts";
import type { WireNames } from "../wire-names.ts";
import { cachePoint } from "./blocks.ts";
import type { ModelTraits } from "./model.ts";

/** How the answer comes to have the wanted form. */
export interface AnswerForm {
  /** `outputConfig.textFormat`. */
  readonly textFormat?: Fields;
  /** A tool the model is made to call: its arguments are the answer. */
  readonly tool?: AnswerTool;
  /** A sentence for the system prompt, where nothing can be demanded. */
  readonly note?: string;
}

export interface AnswerTool {
  readonly name: string;
  readonly toolSpec: Fields;
}

/** Decided as for Claude at home, said in Converse's words. */
export function writeAnswerForm(
  call: ChatCall,
  { claude }: ModelTraits,
  toolNames: ReadonlySet<string>,
): AnswerForm {
  const { format: wanted } = call;
  if (wanted === undefined) return {};
  const { format, note, tool } = answerForm(call, claude, toolNames);
  if (format !== undefined && wanted.kind === "schema") {
    const { description, name } = wanted;
    const schema = JSON.stringify(format["schema"]);
    const jsonSchema = { schema, name, ...(description ? { description } : {}) };
    return { textFormat: { type: "json_schema", structure: { jsonSchema } } };
  }
  if (tool === undefined) return note === undefined ? {} : { note };
  const { name, description, input_schema: json } = tool;
  return { tool: { name, toolSpec: { name, description, inputSchema: { json } } } };
}

export interface WrittenTools {
  readonly toolConfig?: Fields;
  /** Members of `additionalModelRequestFields`. */
  readonly fields?: Fields;
  /** A sentence for the system prompt. */
  readonly note?: string;
}

/**
 * Writes the tools and the choice among them. Bedrock has no way to forbid calls, and refuses messages with calls or
 * results when there are no tools: then the tools stay, or are made up from the names, and a sentence forbids calls.
 */
export function writeTools(
  call: ChatCall,
  traits: ModelTraits,
  names: WireNames,
  calledTools: ReadonlySet<string>,
  answerTool: AnswerTool | undefined,
): WrittenTools {
  const offered = call.toolChoice?.kind === "none" ? [] : allowedTools(call);
  const tools = toolBlocks(offered, traits, names);
  if (answerTool !== undefined) {
    // Beside the client's own tools, the model still decides which it needs first.
    const toolChoice = tools.length > 0 ? { any: {} } : { tool: { name: answerTool.name } };
    return { toolConfig: { tools: [...tools, { toolSpec: answerTool.toolSpec }], toolChoice } };
  }
  if (tools.length > 0) {
    const fields = oneCallChoice(call, traits, names);
    if (fields !== undefined) return { toolConfig: { tools }, fields };
    const toolChoice = choiceOf(call, traits, names);
    return { toolConfig: { tools, ...(toolChoice === undefined ? {} : { toolChoice }) } };
  }
  if (calledTools.size === 0) return {};
  const all = call.tools.length > 0 ? call.tools : [...calledTools].map(unknownTool);
  return { toolConfig: { tools: toolBlocks(all, traits, names) }, note: "Answer without calling a tool." };
}

function allowedTools({ toolChoice, tools }: ChatCall): readonly Tool[] {
  if (toolChoice?.kind !== "allowed") return tools;
  return tools.filter((tool) => tool.kind === "other" || toolChoice.names.includes(tool.name));
}

function unknownTool(name: string): FunctionTool {
  return { kind: "function", name };
}

function toolBlocks(tools: readonly Tool[], traits: ModelTraits, names: WireNames): Fields[] {
  const blocks: Fields[] = [];
  for (const tool of tools) {
    if (tool.kind === "function") {
      blocks.push({ toolSpec: toolSpec(tool, traits, names) });
      if (tool.cache !== undefined && traits.caching === "everywhere") blocks.push(cachePoint(tool.cache));
    } else if (tool.wire === "bedrock") blocks.push(tool.value);
  }
  return blocks;
}

/** Bedrock wants the schema of arguments to say that they are an object, and no description that is empty. */
function toolSpec(tool: FunctionTool, { claude }: ModelTraits, names: WireNames): Fields {
  const { description, parameters = { properties: {} } } = tool;
  const strict = tool.strict === true && claude.structured;
  return {
    name: names.toWire(tool.name),
    ...(description ? { description } : {}),
    inputSchema: { json: { type: "object", ...(strict ? outputSchema(parameters) : parameters) } },
    ...(strict ? { strict } : {}),
  };
}

/** Nothing, where the model takes no demands. */
function choiceOf({ toolChoice }: ChatCall, traits: ModelTraits, names: WireNames): Fields | undefined {
  if (toolChoice === undefined || (demandsCall(toolChoice) && !takesDemands(traits))) return undefined;
  if (toolChoice.kind === "tool") return { tool: { name: names.toWire(toolChoice.name) } };
  return demandsCall(toolChoice) ? { any: {} } : { auto: {} };
}

/** Of other families some do; they tell themselves. */
function takesDemands({ claude, family }: ModelTraits): boolean {
  return claude.forcedTool || family !== "anthropic";
}

/**
 * One call at a time: Converse has no word for it, but Claude has, in a choice of its own. It takes the place of
 * `toolChoice`, as both together are refused. Undefined where the call does not want it or the model does not take it.
 */
function oneCallChoice(
  { options, toolChoice }: ChatCall,
  traits: ModelTraits,
  names: WireNames,
): Fields | undefined {
  if (options.parallel_tool_calls !== false || traits.family !== "anthropic" || !traits.claude.structured) {
    return undefined;
  }
  const one = { disable_parallel_tool_use: true };
  if (!demandsCall(toolChoice) || !takesDemands(traits)) return { tool_choice: { type: "auto", ...one } };
  if (toolChoice?.kind !== "tool") return { tool_choice: { type: "any", ...one } };
  return { tool_choice: { type: "tool", name: names.toWire(toolChoice.name), ...one } };
}
