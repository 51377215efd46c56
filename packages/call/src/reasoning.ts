/**
 * LiteLLM's way between OpenAI's efforts and thinking budgets in tokens. The smallest budget Anthropic takes is 1,024.
 */
const budgets: { readonly [effort: string]: number } = {
  minimal: 1024,
  low: 1024,
  medium: 2048,
  high: 4096,
  xhigh: 8192,
  max: 16_384,
};

/** Tokens to think with, for an effort; an effort nobody knows counts as medium. */
export function budgetOfEffort(effort: string): number {
  return budgets[effort] ?? 2048;
}

/** The effort whose budget comes nearest from below: `low` up to 2,047 tokens, `medium` up to 4,095, then `high`. */
export function effortOfBudget(tokens: number): "low" | "medium" | "high" {
  if (tokens < 2048) return "low";
  return tokens < 4096 ? "medium" : "high";
}
