import type { ChatCall, Fields } from "@gatewright/call";
import type { Upstream } from "../wire.ts";
import { writeContents } from "./contents.ts";
import { generationConfig } from "./generation-config.ts";
import { modelTraits } from "./model.ts";
import { ownParameters } from "./own-parameters.ts";
import { ToolNames } from "./tool-names.ts";
import { writeTools } from "./tools.ts";

/** What reading the answer has to know of the request. */
export interface CallMemory {
  readonly toolNames: ToolNames;
  /** The client wants one tool call at a time, which Gemini cannot be told: further ones are not handed on. */
  readonly singleCall: boolean;
}

export interface WrittenChat {
  readonly body: Fields;
  readonly ignored: readonly string[];
  readonly memory: CallMemory;
}

/** Writes a call as the body of generateContent and streamGenerateContent. */
export function writeChat(call: ChatCall, upstream: Upstream): WrittenChat {
  const traits = modelTraits(upstream.model);
  const toolNames = new ToolNames(call);
  const own = ownParameters(call, upstream.dropUnknown);
  const config = { ...generationConfig(call, traits), ...own.generation };
  const tier = call.options.service_tier;
  const body: Fields = {
    ...writeContents(call, traits, toolNames),
    ...writeTools(call, toolNames, own.toolConfig),
    ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
    ...(tier === undefined || tier === "auto" ? {} : { serviceTier: tier === "default" ? "standard" : tier }),
    ...own.body,
  };
  const singleCall = call.options.parallel_tool_calls === false;
  return { body, ignored: own.ignored, memory: { toolNames, singleCall } };
}
