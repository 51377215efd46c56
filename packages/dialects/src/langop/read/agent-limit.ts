import type { Limit } from "@gatewright/plan";

/**
 * What one agent may use of its gateway: words `name=number`, separated by commas or white space, for example
 * `requests-per-minute=60, tokens-per-minute=20000, parallel-requests=4`. 0 allows nothing; without a word there is no
 * such limit.
 */
export const agentLimitsAnnotation = "gatewright.dev/limits";

/** The amounts that a limit of an agent may have. */
export type AgentAmounts = Pick<Limit, "requestsPerMinute" | "tokensPerMinute" | "parallelRequests">;

/** What the annotation says. */
export interface AgentLimit {
  /** In force. Empty for a text without words: nothing is limited. */
  readonly amounts: AgentAmounts;
  /** Words that are none of the form, or say again what has been said; at most five, cut short. */
  readonly unreadable: readonly string[];
}

const fields: Readonly<Record<string, keyof AgentAmounts>> = {
  "requests-per-minute": "requestsPerMinute",
  "tokens-per-minute": "tokensPerMinute",
  "parallel-requests": "parallelRequests",
};

/** What an agent has whose limits cannot all be read, requests a minute. */
const leastRequestsPerMinute = 1;

/**
 * Reads the text of `gatewright.dev/limits`.
 *
 * A word that cannot be read was to hold the agent back, nobody knows how far, so it fails closed (design rule 2): the agent
 * has one request a minute, under whatever limits can be read. That is the least there is short of nothing, bounds what
 * the agent can spend whichever limit was meant, and still lets it answer now and then: with none it would look broken
 * like a gateway that is down, where now its own 429 names it and its limit, and the finding says why.
 */
export function parseAgentLimit(text: string): AgentLimit {
  const amounts: { -readonly [Field in keyof AgentAmounts]: AgentAmounts[Field] } = {};
  const unreadable: string[] = [];
  const words = text.replaceAll(/\s*=\s*/gu, "=").split(/[\s,]+/u);
  for (const word of words.filter((candidate) => candidate !== "")) {
    const [, name = "", number] = /^([a-z-]+)=(\d{1,15})$/u.exec(word) ?? [];
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined || amounts[field] !== undefined) unreadable.push(word.slice(0, 40));
    else amounts[field] = Number(number);
  }
  if (unreadable.length > 0) {
    const { requestsPerMinute = leastRequestsPerMinute } = amounts;
    amounts.requestsPerMinute = Math.min(requestsPerMinute, leastRequestsPerMinute);
  }
  return { amounts, unreadable: unreadable.slice(0, 5) };
}
