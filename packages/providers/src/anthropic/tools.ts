import type { AnswerFormat, ChatCall, Fields, FunctionTool, Tool, ToolChoice } from "@gatewright/call";
import { fieldsIn, textIn } from "../fields-in.ts";
import { unusedName, type WireNames } from "../wire-names.ts";
import { cacheControl } from "./blocks.ts";
import type { ModelTraits } from "./model.ts";
import { outputSchema } from "./output-schema.ts";

/** How the answer comes to have the wanted form. */
export interface AnswerForm {
  /** `output_config.format`. */
  readonly format?: Fields;
  /** A tool the model is made to call: its arguments are the answer. */
  readonly tool?: Fields & { readonly name: string };
  /** A sentence for the system prompt, where nothing can be demanded. */
  readonly note?: string;
}

/** Whether the client wants a call, so that there will be no text. */
export function demandsCall(choice: ToolChoice | undefined): boolean {
  return (
    choice?.kind === "required" || choice?.kind === "tool" || (choice?.kind === "allowed" && choice.required)
  );
}

/** LiteLLM's name of the tool that stands for the answer. */
const ANSWER_TOOL = "json_tool_call";

/** The form of the answer: natively, else by a forced tool, else by asking for it. */
export function answerForm(call: ChatCall, traits: ModelTraits, usedNames: ReadonlySet<string>): AnswerForm {
  const { format, reasoning, toolChoice } = call;
  if (format === undefined) return {};
  if (format.kind === "schema" && traits.structured) {
    return { format: { type: "json_schema", schema: outputSchema(format.schema) } };
  }
  if (demandsCall(toolChoice)) return {};
  const schema = format.kind === "schema" ? format.schema : openObject;
  const thinks = reasoning?.enabled === true && traits.thinking !== "none";
  // Neither is every schema one of a tool's arguments, nor can a thinking model be forced.
  if (thinks || !traits.forcedTool || schema["type"] !== "object") return { note: noteFor(format) };
  const description =
    (format.kind === "schema" ? format.description : undefined) ?? "Takes the whole answer.";
  return { tool: { name: unusedName(ANSWER_TOOL, usedNames), description, input_schema: schema } };
}

const openObject: Fields = { type: "object", properties: {}, additionalProperties: true };

function noteFor(format: AnswerFormat): string {
  const plain = "Answer with JSON only: no other text, no code fence.";
  if (format.kind === "json") return `${plain} The whole answer is one JSON object.`;
  return `${plain} The whole answer follows this JSON schema: ${JSON.stringify(format.schema)}`;
}

/** Members `tools` and `tool_choice` of the body. */
export function writeTools(
  call: ChatCall,
  traits: ModelTraits,
  toolNames: WireNames,
  answerTool: AnswerForm["tool"],
): Fields {
  const { options, toolChoice } = call;
  const offered = toolChoice?.kind === "allowed" ? allowedOf(call.tools, toolChoice.names) : call.tools;
  const tools: Fields[] = [];
  for (const tool of offered) {
    if (tool.kind === "function") tools.push(functionTool(tool, traits, toolNames));
    else if (tool.wire === "anthropic") tools.push(tool.value);
  }
  if (options.web_search_options !== undefined) tools.push(webSearchTool(options.web_search_options));
  const choice = choiceOf(call, traits, toolNames, answerTool, tools.length > 0);
  if (answerTool !== undefined) tools.push(answerTool);
  if (tools.length === 0) return {};
  return { tools, ...(choice === undefined ? {} : { tool_choice: choice }) };
}

function allowedOf(tools: readonly Tool[], names: readonly string[]): readonly Tool[] {
  return tools.filter((tool) => tool.kind === "other" || names.includes(tool.name));
}

function functionTool(tool: FunctionTool, { structured }: ModelTraits, toolNames: WireNames): Fields {
  const strict = tool.strict === true && structured;
  const { parameters = {} } = tool;
  return {
    name: toolNames.toWire(tool.name),
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: { type: "object", ...(strict ? outputSchema(parameters) : parameters) },
    ...(strict ? { strict } : {}),
    ...cacheControl(tool.cache),
  };
}

/** How often the web may be searched, for OpenAI's sizes of the search context (LiteLLM's numbers). */
const searchUses: { readonly [size: string]: number } = { low: 1, medium: 5, high: 10 };

function webSearchTool(options: Fields): Fields {
  const size = textIn(options["search_context_size"]);
  const uses = size === undefined ? undefined : searchUses[size];
  const place = fieldsIn(fieldsIn(options["user_location"])?.["approximate"]);
  return {
    type: "web_search_20250305",
    name: "web_search",
    ...(uses === undefined ? {} : { max_uses: uses }),
    ...(place === undefined ? {} : { user_location: { type: "approximate", ...place } }),
  };
}

function choiceOf(
  { options, toolChoice }: ChatCall,
  { forcedTool }: ModelTraits,
  toolNames: WireNames,
  answerTool: AnswerForm["tool"],
  hasTools: boolean,
): Fields | undefined {
  const single = options.parallel_tool_calls === false ? { disable_parallel_tool_use: true } : {};
  if (answerTool !== undefined) {
    // Beside the client's own tools, the model still decides which it needs first.
    if (hasTools && toolChoice?.kind !== "none") return { type: "any", ...single };
    return { type: "tool", name: answerTool.name, disable_parallel_tool_use: true };
  }
  if (toolChoice?.kind === "none") return { type: "none" };
  if (forcedTool && toolChoice?.kind === "tool") {
    return { type: "tool", name: toolNames.toWire(toolChoice.name), ...single };
  }
  if (forcedTool && demandsCall(toolChoice)) return { type: "any", ...single };
  return toolChoice === undefined && options.parallel_tool_calls !== false
    ? undefined
    : { type: "auto", ...single };
}
