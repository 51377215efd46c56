import type { Fields } from "@gatewright/call";
import { fieldsIn, listIn, textIn } from "../fields-in.ts";

/** Turns `logprobsResult` into OpenAI's `logprobs`; undefined when there is none. */
export function readLogprobs(value: unknown): Fields | undefined {
  const result = fieldsIn(value);
  if (result === undefined) return undefined;
  const top = listIn(result["topCandidates"]);
  const content = listIn(result["chosenCandidates"]).map((chosen, index) => ({
    ...tokenOf(chosen),
    top_logprobs: listIn(fieldsIn(top[index])?.["candidates"]).map(tokenOf),
  }));
  return { content, refusal: null };
}

function tokenOf(value: unknown): Fields {
  const candidate = fieldsIn(value);
  const token = textIn(candidate?.["token"]) ?? "";
  const logprob = candidate?.["logProbability"];
  // A certain token has a probability of 1, whose logarithm Google leaves out of its JSON.
  return { token, logprob: typeof logprob === "number" ? logprob : 0, bytes: [...Buffer.from(token)] };
}
