import { budgetOfEffort, type ChatCall, effortOfBudget, type Fields, type Reasoning } from "@gatewright/call";
import { notMarked } from "../gemini/signature.ts";
import type { ModelTraits } from "./model.ts";

/** The smallest budget Anthropic takes. */
const LEAST_BUDGET_TOKENS = 1024;
/** LiteLLM's `max_tokens` where the client names none: Anthropic wants one. */
const DEFAULT_MAX_TOKENS = 4096;

/** How a call is to think. */
export interface Thinking {
  /** `thinking`. */
  readonly thinking?: Fields;
  /** `output_config.effort`. */
  readonly effort?: string;
  /** The model thinks because the call asks for it: parameters of sampling and forced tools are refused then. */
  readonly active: boolean;
  readonly maxTokens: number;
}

const efforts: ReadonlySet<string> = new Set(["low", "medium", "high", "xhigh", "max"]);

/** `forced`: the call demands a tool call, which no model takes together with thinking that is asked for. */
export function writeThinking(call: ChatCall, traits: ModelTraits, forced: boolean): Thinking {
  const { options, reasoning } = call;
  const { max_tokens: given } = options;
  const still = { active: false, maxTokens: given ?? DEFAULT_MAX_TOKENS };
  if (reasoning === undefined || traits.thinking === "none") return still;
  if (!reasoning.enabled) return { ...still, ...off(traits) };
  const effort = traits.thinking === "budget" ? undefined : effortOf(reasoning, traits);
  const depth = effort === undefined ? {} : { effort };
  if (forced) return { ...still, ...depth };
  const { budgetTokens } = reasoning;
  if (traits.thinking === "budget" || (traits.thinking === "either" && budgetTokens !== undefined)) {
    if (resumesWithoutThinking(call)) return still;
    const wanted = budgetTokens ?? budgetOfEffort(reasoning.effort ?? "medium");
    const budget = Math.max(wanted, LEAST_BUDGET_TOKENS);
    return {
      ...depth,
      thinking: { type: "enabled", budget_tokens: budget },
      active: true,
      maxTokens: given === undefined || given <= budget ? budget + (given ?? DEFAULT_MAX_TOKENS) : given,
    };
  }
  // The newest models think without showing it, unless they are told: clients of other APIs cannot tell them.
  const shown = traits.thinking === "adaptive" && call.from !== "anthropic" ? { display: "summarized" } : {};
  return {
    ...depth,
    thinking: { type: "adaptive", ...shown },
    active: true,
    // What is thought counts, too.
    maxTokens: given ?? DEFAULT_MAX_TOKENS + budgetOfEffort(effort ?? "medium"),
  };
}

function off({ thinking, thinkingOff }: ModelTraits): Pick<Thinking, "thinking" | "effort"> {
  if (thinking === "none") return {};
  return thinkingOff === "low-effort" ? { effort: "low" } : { thinking: { type: thinkingOff } };
}

function effortOf({ budgetTokens, effort }: Reasoning, { thinking, xhigh }: ModelTraits): string | undefined {
  if (effort === undefined) {
    return budgetTokens === undefined || thinking === "either" ? undefined : effortOfBudget(budgetTokens);
  }
  if (effort === "minimal") return "low";
  if (effort === "xhigh" && !xhigh) return "max";
  return efforts.has(effort) ? effort : undefined;
}

/**
 * Whether the call gives results to a turn that has no thinking of its own, because the client did not keep it. With a
 * budget, Anthropic refuses such a turn: it would have to begin with what was thought.
 */
function resumesWithoutThinking({ messages }: ChatCall): boolean {
  const last = messages.findLast(({ role }) => role === "assistant");
  if (last === undefined || messages.at(-1)?.parts.some(({ kind }) => kind === "tool-result") !== true)
    return false;
  return !last.parts.some(
    (part) =>
      part.kind === "redacted-reasoning" ||
      (part.kind === "reasoning" && notMarked(part.signature) !== undefined),
  );
}
