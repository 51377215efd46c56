import type { Fields, FunctionTool, Tool, ToolChoice } from "@gatewright/call";
import {
  invalid,
  isFields,
  listAt,
  objectAt,
  optionalFlag,
  optionalList,
  optionalObject,
  optionalText,
  textAt,
} from "../field.ts";

/** Functions; every other type is a tool that OpenAI runs, or has a form only OpenAI knows. */
export function readTools(value: unknown): readonly Tool[] {
  return optionalList(value, "tools").map((item, index) => {
    const path = `tools[${index}]`;
    const tool = objectAt(item, path);
    const type = textAt(tool["type"], `${path}.type`);
    return type === "function" ? functionOf(tool, path) : { kind: "other", wire: "responses", value: tool };
  });
}

function functionOf(tool: Fields, path: string): FunctionTool {
  const description = optionalText(tool["description"], `${path}.description`);
  const parameters = optionalObject(tool["parameters"], `${path}.parameters`);
  const strict = optionalFlag(tool["strict"], `${path}.strict`);
  return {
    kind: "function",
    name: textAt(tool["name"], `${path}.name`),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(strict === undefined ? {} : { strict }),
  };
}

const forms = "auto, none, required, a function or allowed_tools: other tools run at OpenAI only";

export function readToolChoice(value: unknown): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === "auto" || value === "none" || value === "required") return { kind: value };
  if (!isFields(value)) return invalid("tool_choice", forms);
  switch (value["type"]) {
    case "function":
      return { kind: "tool", name: textAt(value["name"], "tool_choice.name") };
    case "allowed_tools":
      return allowedOf(value);
    default:
      return invalid("tool_choice", forms);
  }
}

function allowedOf(choice: Fields): ToolChoice {
  const mode = choice["mode"];
  if (mode !== "auto" && mode !== "required") invalid("tool_choice.mode", "auto or required");
  const names = listAt(choice["tools"], "tool_choice.tools").map((item, index) => {
    const path = `tool_choice.tools[${index}]`;
    const tool = objectAt(item, path);
    if (tool["type"] !== "function") invalid(`${path}.type`, "function: other tools run at OpenAI only");
    return textAt(tool["name"], `${path}.name`);
  });
  return { kind: "allowed", required: mode === "required", names };
}
