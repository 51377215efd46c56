import { type ModelTraits as ClaudeTraits, modelTraits as claudeTraits } from "../anthropic/model.ts";
import type { Place } from "../provider.ts";

/** A model as Bedrock's paths have it, and the region that its name tells. */
export interface ModelAddress {
  /** Model id, id of a cross-region profile (`eu.anthropic.…`), or ARN. */
  readonly id: string;
  /** From `bedrock/<region>/<model>`. */
  readonly region?: string;
}

/** `invoke/` only asks LiteLLM for another API of the same models; Converse serves both. */
const ROUTE = /^(?:converse|invoke)\//;
const REGION = /^([a-z]{2,4}(?:-[a-z]+)+-\d)\//;

/** Reads LiteLLM's forms of a model's name: `<model>`, `converse/<model>`, `<region>/<model>`. */
export function modelAddress(model: string): ModelAddress {
  const name = model.replace(ROUTE, "");
  const region = REGION.exec(name)?.[1];
  return region === undefined ? { id: name } : { id: name.slice(region.length + 1), region };
}

/** The region to call: the one in the model's name, else the configured one, else that of an ARN. */
export function regionOf(place: Pick<Place, "model" | "region">): string | undefined {
  const { id, region } = modelAddress(place.model);
  return region ?? place.region ?? (id.startsWith("arn:") ? id.split(":")[3] || undefined : undefined);
}

/** What one model does with those parts of Converse that not all have. */
export interface ModelTraits {
  readonly family: "anthropic" | "nova" | "other";
  /** Claude's own traits; for other models those that they share with it. */
  readonly claude: ClaudeTraits;
  /** Where it takes `cachePoint` blocks. */
  readonly caching: "everywhere" | "messages" | "nowhere";
  /** The field of its own that thinking is asked with: Nova's `reasoningConfig`, OpenAI's `reasoning_effort`. */
  readonly thinkingField: "reasoningConfig" | "reasoning_effort" | undefined;
}

const CLAUDE = /anthropic\.|claude/;
/** Those that answer by a schema, beside Claude ("Get validated JSON results from models" in AWS's guide). */
const STRUCTURED =
  /(?:^|[./])(?:qwen\.|deepseek\.v|openai\.|google\.gemma|nvidia\.|minimax\.|moonshot(?:ai)?\.|mistral\.(?:mistral-large-3|ministral|magistral))/;
/** ARNs whose text does not name the model: nearly all of them are made for Claude, so they are treated as such. */
const NAMELESS = /^arn:[^/]*:(?:application-inference-profile|provisioned-model)\//;

/** The traits of a model, by its name; one that is not known here has none. */
export function modelTraits(model: string): ModelTraits {
  if (CLAUDE.test(model) || NAMELESS.test(model)) {
    return {
      family: "anthropic",
      claude: claudeTraits(model),
      caching: "everywhere",
      thinkingField: undefined,
    };
  }
  if (model.includes("amazon.nova")) {
    const thinkingField = model.includes("nova-2") ? "reasoningConfig" : undefined;
    return {
      family: "nova",
      claude: { ...unlikeClaude, forcedTool: true },
      caching: "messages",
      thinkingField,
    };
  }
  const claude = { ...unlikeClaude, structured: STRUCTURED.test(model) };
  const thinkingField = model.includes("openai.") ? "reasoning_effort" : undefined;
  return { family: "other", claude, caching: "nowhere", thinkingField };
}

const unlikeClaude: ClaudeTraits = {
  thinking: "none",
  thinkingOff: "disabled",
  sampling: "both",
  prefill: true,
  forcedTool: false,
  structured: false,
  systemTurns: false,
  xhigh: false,
};
