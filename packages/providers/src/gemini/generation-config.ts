import { budgetOfEffort, type ChatCall, effortOfBudget, type Fields, type Reasoning } from "@gatewright/call";
import { textIn } from "../fields-in.ts";
import type { ModelTraits } from "./model.ts";

/** Member `generationConfig` of the body. */
export function generationConfig(call: ChatCall, traits: ModelTraits): Fields {
  const { format, options, reasoning } = call;
  const config: Record<string, unknown> = {};
  const set = (name: string, value: unknown): void => {
    if (value !== undefined) config[name] = value;
  };
  set("maxOutputTokens", options.max_tokens);
  set("temperature", options.temperature);
  set("topP", options.top_p);
  set("topK", options.top_k);
  if (options.stop !== undefined && options.stop.length > 0) set("stopSequences", options.stop);
  set("seed", options.seed);
  set("candidateCount", options.n);
  set("frequencyPenalty", options.frequency_penalty);
  set("presencePenalty", options.presence_penalty);
  set("responseLogprobs", options.logprobs);
  set("logprobs", options.top_logprobs);
  set(
    "responseModalities",
    options.modalities?.map((modality) => modality.toUpperCase()),
  );
  const voiceName = textIn(options.audio?.["voice"]);
  if (voiceName !== undefined) set("speechConfig", { voiceConfig: { prebuiltVoiceConfig: { voiceName } } });
  if (format !== undefined) set("responseMimeType", "application/json");
  if (format?.kind === "schema") set("responseJsonSchema", format.schema);
  if (reasoning !== undefined) set("thinkingConfig", thinkingConfig(reasoning, traits));
  return config;
}

/** LiteLLM's way: a level for Gemini 3, a budget for those before it. Whoever asks for thoughts gets to see them. */
function thinkingConfig(reasoning: Reasoning, traits: ModelTraits): Fields {
  const { budgetTokens, effort } = reasoning;
  if (!reasoning.enabled) {
    if (traits.thinkingLevels) return { thinkingLevel: leastLevel(traits), includeThoughts: false };
    return { thinkingBudget: traits.pro ? LEAST_BUDGET_OF_PRO : 0, includeThoughts: false };
  }
  if (budgetTokens === undefined && effort === undefined) return { includeThoughts: true };
  if (traits.thinkingLevels) {
    return {
      thinkingLevel: levelOf(effort ?? effortOfBudget(budgetTokens ?? 0), traits),
      includeThoughts: true,
    };
  }
  return { thinkingBudget: budgetTokens ?? budgetOfEffort(effort ?? ""), includeThoughts: true };
}

const LEAST_BUDGET_OF_PRO = 128;

function leastLevel({ pro }: ModelTraits): string {
  return pro ? "LOW" : "MINIMAL";
}

function levelOf(effort: string, traits: ModelTraits): string {
  switch (effort) {
    case "minimal":
      return leastLevel(traits);
    case "low":
      return "LOW";
    case "medium":
      return traits.mediumLevel ? "MEDIUM" : "HIGH";
    default:
      return "HIGH";
  }
}
