import type { Fields, FunctionTool, Tool, ToolChoice } from "@gatewright/call";
import {
  invalid,
  isFields,
  listAt,
  missing,
  objectAt,
  optionalFlag,
  optionalList,
  optionalObject,
  optionalText,
  textAt,
} from "../field.ts";
import { cacheOf } from "./read-content.ts";

/** Anthropic dates the tools it runs or knows itself (`web_search_20250305`); LiteLLM's clients send them as they are. */
const ANTHROPIC_TOOL = /_20\d{6}$/;

/** Reads `tools`, and `functions`, which came before them. */
export function readTools(tools: unknown, functions: unknown): readonly Tool[] {
  return [
    ...optionalList(tools, "tools").map((item, index) => readTool(item, `tools[${index}]`)),
    ...optionalList(functions, "functions").map((item, index) => {
      const path = `functions[${index}]`;
      return functionOf(objectAt(item, path), path);
    }),
  ];
}

function readTool(value: unknown, path: string): Tool {
  const tool = objectAt(value, path);
  const type = optionalText(tool["type"], `${path}.type`);
  if (type !== undefined && ANTHROPIC_TOOL.test(type))
    return { kind: "other", wire: "anthropic", value: tool };
  if (type === "function" || (type === undefined && tool["function"] !== undefined)) {
    const details = objectAt(tool["function"], `${path}.function`);
    return { ...functionOf(details, `${path}.function`), ...cacheOf(details), ...cacheOf(tool) };
  }
  return { kind: "other", wire: "openai", value: tool };
}

function functionOf(details: Fields, path: string): FunctionTool {
  const description = optionalText(details["description"], `${path}.description`);
  const parameters = optionalObject(details["parameters"], `${path}.parameters`);
  const strict = optionalFlag(details["strict"], `${path}.strict`);
  return {
    kind: "function",
    name: textAt(details["name"], `${path}.name`),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(strict === undefined ? {} : { strict }),
  };
}

/** Reads `tool_choice`, or `function_call`, which came before it. */
export function readToolChoice(choice: unknown, functionCall: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return readFunctionCall(functionCall);
  if (choice === "auto" || choice === "none" || choice === "required") return { kind: choice };
  // Mistral's and Anthropic's word.
  if (choice === "any") return { kind: "required" };
  if (!isFields(choice)) return invalid("tool_choice", "auto, none, required or an object");
  switch (choice["type"]) {
    case "function":
    case "custom": {
      const path = `tool_choice.${choice["type"]}`;
      const { name } = objectAt(choice[choice["type"]], path);
      return { kind: "tool", name: textAt(name, `${path}.name`) };
    }
    case "allowed_tools":
      return readAllowed(objectAt(choice["allowed_tools"], "tool_choice.allowed_tools"));
    case undefined:
      return missing("tool_choice.type");
    default:
      return invalid("tool_choice.type", "function, custom or allowed_tools");
  }
}

function readAllowed({ mode, tools }: Fields): ToolChoice {
  const path = "tool_choice.allowed_tools";
  if (mode !== "auto" && mode !== "required") return invalid(`${path}.mode`, "auto or required");
  const names = listAt(tools, `${path}.tools`).map((item, index) => {
    const at = `${path}.tools[${index}]`;
    const tool = objectAt(item, at);
    const details = tool["type"] === "custom" ? tool["custom"] : tool["function"];
    return textAt(objectAt(details, `${at}.function`)["name"], `${at}.function.name`);
  });
  return { kind: "allowed", required: mode === "required", names };
}

function readFunctionCall(value: unknown): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === "auto" || value === "none") return { kind: value };
  if (!isFields(value)) return invalid("function_call", "auto, none or an object");
  return { kind: "tool", name: textAt(value["name"], "function_call.name") };
}
