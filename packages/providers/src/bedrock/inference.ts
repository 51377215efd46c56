import { type ChatCall, effortOfBudget, type Fields, type Reasoning } from "@gatewright/call";
import { writeThinking } from "../anthropic/thinking.ts";
import type { ModelTraits } from "./model.ts";

/** The parameters of a call that Converse and its models have places of their own for. */
export interface Inference {
  readonly inferenceConfig: Fields;
  /** Members of `additionalModelRequestFields`. */
  readonly fields: Fields;
  /** `outputConfig.effort`. */
  readonly effort: string | undefined;
  /** Parameters that do not go together with others of the call, by OpenAI's names. */
  readonly ignored: readonly string[];
}

/** `forced`: the call demands a tool call. */
export function writeInference(call: ChatCall, traits: ModelTraits, forced: boolean): Inference {
  return traits.family === "anthropic" ? claudeInference(call, traits, forced) : otherInference(call, traits);
}

function otherInference({ options, reasoning }: ChatCall, { family, thinkingField }: ModelTraits): Inference {
  const { max_tokens, stop = [], temperature, top_k, top_p } = options;
  const thinks = thinkingField !== undefined && reasoning?.enabled === true;
  return {
    inferenceConfig: inferenceConfig(max_tokens, temperature, top_p, stop),
    fields: {
      ...(top_k === undefined ? {} : topK(top_k, family)),
      ...(thinks ? { [thinkingField]: thinkingValue(reasoning, thinkingField) } : {}),
    },
    effort: undefined,
    ignored: [],
  };
}

function topK(value: number, family: ModelTraits["family"]): Fields {
  return family === "nova" ? { inferenceConfig: { topK: value } } : { top_k: value };
}

function thinkingValue(reasoning: Reasoning, field: NonNullable<ModelTraits["thinkingField"]>): unknown {
  const effort = threeEfforts(reasoning);
  return field === "reasoning_effort" ? effort : { type: "enabled", maxReasoningEffort: effort };
}

function threeEfforts({ budgetTokens, effort }: Reasoning): string {
  switch (effort) {
    case undefined:
      return budgetTokens === undefined ? "medium" : effortOfBudget(budgetTokens);
    case "minimal":
    case "low":
      return "low";
    case "high":
    case "xhigh":
    case "max":
      return "high";
    default:
      return "medium";
  }
}

/** A thinking Claude takes no `temperature`, no `top_k`, and no `top_p` below this. */
const LEAST_THINKING_TOP_P = 0.95;

function claudeInference(call: ChatCall, { claude }: ModelTraits, forced: boolean): Inference {
  const { options, reasoning } = call;
  const { active, effort, maxTokens, thinking } = writeThinking(call, claude, forced);
  const sampled = claude.sampling !== "none";
  const ignored: string[] = [];
  const allowed = (name: "temperature" | "top_k" | "top_p", fits: boolean): number | undefined => {
    const value = options[name];
    if (value === undefined || !sampled) return undefined;
    if (fits) return value;
    ignored.push(name);
    return undefined;
  };
  const temperature = allowed("temperature", !active);
  const topP = allowed(
    "top_p",
    (claude.sampling !== "one" || temperature === undefined) &&
      (!active || (options.top_p ?? 1) >= LEAST_THINKING_TOP_P),
  );
  const topKValue = allowed("top_k", !active);
  const stop = options.stop?.filter((text) => text.trim() !== "") ?? [];
  return {
    inferenceConfig: inferenceConfig(
      // Unlike Anthropic's own API, Converse knows each model's greatest number.
      options.max_tokens === undefined ? undefined : maxTokens,
      temperature === undefined ? undefined : Math.min(temperature, 1),
      topP,
      stop,
    ),
    fields: {
      ...(topKValue === undefined ? {} : { top_k: topKValue }),
      // Where it is off it need not be said, and some models on Bedrock refuse to be told.
      ...(thinking === undefined || reasoning?.enabled === false ? {} : { thinking }),
    },
    effort,
    ignored,
  };
}

function inferenceConfig(
  maxTokens: number | undefined,
  temperature: number | undefined,
  topP: number | undefined,
  stop: readonly string[],
): Fields {
  return {
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(stop.length === 0 ? {} : { stopSequences: stop }),
  };
}
