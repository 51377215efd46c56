import type { ChatCall, Fields, Tool, ToolChoice } from "@gatewright/call";
import type { WireNames } from "../wire-names.ts";
import { cacheControl } from "./content.ts";
import type { ChatTraits } from "./traits.ts";

/** Members `tools` and `tool_choice` of the body; OpenAI takes no choice without tools. */
export function writeTools(
  { tools, toolChoice }: ChatCall,
  traits: ChatTraits,
  toolNames: WireNames,
): Fields {
  const narrowed = toolChoice?.kind === "allowed" && !traits.ownParameters;
  const written: Fields[] = [];
  for (const tool of tools) {
    if (narrowed && tool.kind === "function" && !toolChoice.names.includes(tool.name)) continue;
    const value = writeTool(tool, traits, toolNames);
    if (value !== undefined) written.push(value);
  }
  if (written.length === 0) return {};
  if (toolChoice === undefined) return { tools: written };
  return { tools: written, tool_choice: writeChoice(toolChoice, traits, toolNames) };
}

function writeTool(tool: Tool, traits: ChatTraits, toolNames: WireNames): Fields | undefined {
  if (tool.kind === "other") return tool.wire === "openai" ? tool.value : undefined;
  const { description, name, parameters, strict } = tool;
  return {
    type: "function",
    function: {
      name: toolNames.toWire(name),
      ...(description === undefined ? {} : { description }),
      ...(parameters === undefined ? {} : { parameters }),
      ...(strict === undefined ? {} : { strict }),
    },
    ...cacheControl(tool.cache, traits),
  };
}

function writeChoice(choice: ToolChoice, traits: ChatTraits, toolNames: WireNames): Fields | string {
  const reference = (name: string): Fields => ({
    type: "function",
    function: { name: toolNames.toWire(name) },
  });
  switch (choice.kind) {
    case "auto":
    case "none":
      return choice.kind;
    case "required":
      return traits.requiredTool;
    case "tool":
      return reference(choice.name);
    case "allowed": {
      if (!traits.ownParameters) return choice.required ? traits.requiredTool : "auto";
      const mode = choice.required ? "required" : "auto";
      return { type: "allowed_tools", allowed_tools: { mode, tools: choice.names.map(reference) } };
    }
  }
}
