import {
  type ChatCall,
  effortOfBudget,
  type Fields,
  type FunctionTool,
  type Reasoning,
} from "@gatewright/call";
import { fieldsIn } from "../fields-in.ts";
import type { Upstream } from "../wire.ts";
import { writeMessages } from "./messages.ts";
import { takesThinkingLevels } from "./model.ts";
import { ownParameters } from "./own-parameters.ts";

/** What reading the answer has to know of the request. */
export interface CallMemory {
  /** The client wants one tool call at a time, which Ollama cannot be told: further ones are not handed on. */
  readonly singleCall: boolean;
}

export interface WrittenChat {
  readonly body: Fields;
  readonly ignored: readonly string[];
  readonly memory: CallMemory;
}

/** Writes a call as the body of `POST /api/chat`. */
export function writeChat(call: ChatCall, { dropUnknown, model }: Upstream): WrittenChat {
  const { format, options, reasoning } = call;
  // Unknown parameters of other APIs are these APIs' own.
  const own = ownParameters(call.extra, dropUnknown || call.from !== "openai");
  const chosen = { ...modelOptions(call), ...own.options };
  const tools = writeTools(call);
  const body: Fields = {
    model,
    messages: writeMessages(call),
    ...(tools.length === 0 ? {} : { tools }),
    ...(format === undefined ? {} : { format: format.kind === "json" ? "json" : format.schema }),
    ...(reasoning === undefined ? {} : { think: thinkOf(reasoning, takesThinkingLevels(model)) }),
    ...(options.logprobs === undefined ? {} : { logprobs: options.logprobs }),
    ...(options.top_logprobs === undefined ? {} : { top_logprobs: options.top_logprobs }),
    ...(Object.keys(chosen).length === 0 ? {} : { options: chosen }),
    ...own.body,
    // Without a word Ollama streams.
    stream: call.stream,
  };
  return { body, ignored: own.ignored, memory: { singleCall: options.parallel_tool_calls === false } };
}

/** OpenAI's parameters that are options of the model. */
function modelOptions({ options }: ChatCall): Fields {
  const { frequency_penalty, max_tokens, presence_penalty, seed, stop, temperature, top_k, top_p } = options;
  return {
    ...(max_tokens === undefined ? {} : { num_predict: max_tokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(top_p === undefined ? {} : { top_p }),
    ...(top_k === undefined ? {} : { top_k }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined || stop.length === 0 ? {} : { stop }),
    ...(frequency_penalty === undefined ? {} : { frequency_penalty }),
    ...(presence_penalty === undefined ? {} : { presence_penalty }),
  };
}

/** Member `tools`: Ollama has no `tool_choice`, so that what is not to be called is not offered. */
function writeTools({ toolChoice, tools }: ChatCall): readonly Fields[] {
  if (toolChoice?.kind === "none") return [];
  const written: Fields[] = [];
  for (const tool of tools) {
    if (tool.kind !== "function") {
      if (tool.wire === "ollama") written.push(tool.value);
    } else if (toolChoice?.kind !== "allowed" || toolChoice.names.includes(tool.name)) {
      written.push(writeTool(tool));
    }
  }
  return written;
}

function writeTool({ description, name, parameters }: FunctionTool): Fields {
  return {
    type: "function",
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: { type: "object", properties: {}, ...fieldsIn(parameters) },
    },
  };
}

/** LiteLLM's way: models that know levels get one, all others think or do not. */
function thinkOf({ budgetTokens, effort, enabled }: Reasoning, levels: boolean): boolean | string {
  if (!levels || !enabled) return enabled;
  if (effort === undefined) return budgetTokens === undefined ? true : effortOfBudget(budgetTokens);
  if (effort === "minimal" || effort === "low") return "low";
  return effort === "medium" ? "medium" : "high";
}
