import type { FunctionTool, Tool, ToolChoice } from "@gatewright/call";
import {
  invalid,
  missing,
  objectAt,
  optionalFlag,
  optionalList,
  optionalObject,
  optionalText,
  textAt,
} from "../field.ts";
import { cacheOf } from "./read-content.ts";

/** Functions of the client's; every tool of another type is one that Anthropic knows or runs. */
export function readTools(value: unknown): readonly Tool[] {
  return optionalList(value, "tools").map((item, index) => {
    const path = `tools[${index}]`;
    const tool = objectAt(item, path);
    const type = optionalText(tool["type"], `${path}.type`);
    if (type !== undefined && type !== "custom") return { kind: "other", wire: "anthropic", value: tool };
    const description = optionalText(tool["description"], `${path}.description`);
    const strict = optionalFlag(tool["strict"], `${path}.strict`);
    const read: FunctionTool = {
      kind: "function",
      name: textAt(tool["name"], `${path}.name`),
      ...(description === undefined ? {} : { description }),
      parameters: objectAt(tool["input_schema"], `${path}.input_schema`),
      ...(strict === undefined ? {} : { strict }),
      ...cacheOf(tool),
    };
    return read;
  });
}

export interface ReadChoice {
  readonly toolChoice: ToolChoice;
  /** Whether tools may be called side by side, where the client says. */
  readonly parallel: boolean | undefined;
}

export function readToolChoice(value: unknown): ReadChoice | undefined {
  const choice = optionalObject(value, "tool_choice");
  if (choice === undefined) return undefined;
  const single = optionalFlag(choice["disable_parallel_tool_use"], "tool_choice.disable_parallel_tool_use");
  const parallel = single === undefined ? undefined : !single;
  switch (choice["type"]) {
    case "auto":
    case "none":
      return { toolChoice: { kind: choice["type"] }, parallel };
    case "any":
      return { toolChoice: { kind: "required" }, parallel };
    case "tool":
      return { toolChoice: { kind: "tool", name: textAt(choice["name"], "tool_choice.name") }, parallel };
    case undefined:
      return missing("tool_choice.type");
    default:
      return invalid("tool_choice.type", "auto, any, tool or none");
  }
}
