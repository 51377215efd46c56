import { parameterFacts, parameterMembers } from "./schema/model.ts";
import { requestDefaultMembers } from "./schema/request-defaults.ts";

/** Members of `litellm_params` that change a request without being part of its body by their own name. */
const aroundBody = new Set(["extra_headers", "extra_body", "headers"]);

const patterns = Object.keys(parameterFacts.patterns).map((pattern) => pattern.slice(0, -1));

/**
 * The members of a deployment's `litellm_params` that are fields of the upstream request: OpenAI's own, and every key
 * that is none of LiteLLM's (litellm.md §2.1; a provider's parameters are taken as they are).
 */
export function requestParameters(parameters: {
  readonly [name: string]: unknown;
}): readonly (readonly [name: string, value: unknown])[] {
  return Object.entries(parameters).filter(
    ([name, value]) => value !== undefined && value !== null && goesUpstream(name),
  );
}

function goesUpstream(name: string): boolean {
  if (Object.hasOwn(requestDefaultMembers, name)) return !aroundBody.has(name);
  return (
    name !== "model" &&
    !Object.hasOwn(parameterMembers, name) &&
    !patterns.some((prefix) => name.startsWith(prefix))
  );
}
