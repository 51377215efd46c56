import type { ChatCall, Fields, OtherTool, ToolChoice } from "@gatewright/call";
import { fieldsIn, textIn } from "../fields-in.ts";
import { CallRefusal } from "../wire.ts";
import { camelCase } from "./own-parameters.ts";
import type { ToolNames } from "./tool-names.ts";

/** Tools that Gemini runs itself; clients of other APIs may write them as `{"googleSearch": {}}`, as LiteLLM takes them. */
const ownTools: ReadonlySet<string> = new Set([
  "googleSearch",
  "googleSearchRetrieval",
  "googleMaps",
  "enterpriseWebSearch",
  "codeExecution",
  "urlContext",
  "computerUse",
  "fileSearch",
  "retrieval",
]);

/** `web_search_preview`, `web_search_20250305`, … */
const WEB_SEARCH = /^web_search/;

/** Members `tools` and `toolConfig` of the body. `ownConfig`: what the client gave under Gemini's name. */
export function writeTools(call: ChatCall, toolNames: ToolNames, ownConfig: Fields | undefined): Fields {
  const functionDeclarations: Fields[] = [];
  const tools: Fields[] = [];
  for (const tool of call.tools) {
    if (tool.kind === "other") tools.push(ownTool(tool));
    else {
      const { description, name, parameters } = tool;
      functionDeclarations.push({
        name: toolNames.toWire(name),
        ...(description === undefined ? {} : { description }),
        ...(parameters === undefined ? {} : { parametersJsonSchema: parameters }),
      });
    }
  }
  if (functionDeclarations.length > 0) tools.unshift({ functionDeclarations });
  const searches = tools.some((tool) => "googleSearch" in tool);
  if (call.options.web_search_options !== undefined && !searches) tools.push({ googleSearch: {} });
  const choice = functionDeclarations.length === 0 ? undefined : callingConfig(call.toolChoice, toolNames);
  const toolConfig = {
    ...(choice === undefined ? {} : { functionCallingConfig: choice }),
    ...ownConfig,
  };
  return {
    ...(tools.length === 0 ? {} : { tools }),
    ...(choice === undefined && ownConfig === undefined ? {} : { toolConfig }),
  };
}

function callingConfig(choice: ToolChoice | undefined, toolNames: ToolNames): Fields | undefined {
  switch (choice?.kind) {
    case undefined:
      return undefined;
    case "auto":
      return { mode: "AUTO" };
    case "none":
      return { mode: "NONE" };
    case "required":
      return { mode: "ANY" };
    case "tool":
      return { mode: "ANY", allowedFunctionNames: [toolNames.toWire(choice.name)] };
    case "allowed":
      // The one mode that takes names without demanding a call.
      return {
        mode: choice.required ? "ANY" : "VALIDATED",
        allowedFunctionNames: choice.names.map((name) => toolNames.toWire(name)),
      };
  }
}

function ownTool({ value, wire }: OtherTool): Fields {
  if (wire === "gemini") return value;
  const type = textIn(value["type"]);
  if (type !== undefined && WEB_SEARCH.test(type)) return { googleSearch: {} };
  for (const member in value) {
    const name = camelCase(member);
    if (ownTools.has(name)) return { [name]: fieldsIn(value[member]) ?? {} };
  }
  throw new CallRefusal(`Gemini has no tool ${JSON.stringify(type ?? value)}.`);
}
