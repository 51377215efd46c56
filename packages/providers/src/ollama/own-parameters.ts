import type { Fields } from "@gatewright/call";
import { fieldsIn } from "../fields-in.ts";

/** Members of a request that Ollama has beside OpenAI's parameters. */
const members: ReadonlySet<string> = new Set(["format", "keep_alive", "shift", "think", "truncate"]);

/** What a request's `options` may hold beside OpenAI's parameters: how the model is loaded, and how it is sampled. */
const modelOptions: ReadonlySet<string> = new Set([
  "draft_num_predict",
  "embedding_only",
  "f16_kv",
  "logits_all",
  "low_vram",
  "main_gpu",
  "min_p",
  "mirostat",
  "mirostat_eta",
  "mirostat_tau",
  "num_batch",
  "num_ctx",
  "num_gpu",
  "num_keep",
  "num_predict",
  "num_thread",
  "numa",
  "penalize_newline",
  "repeat_last_n",
  "repeat_penalty",
  "tfs_z",
  "typical_p",
  "use_mlock",
  "use_mmap",
  "vocab_only",
]);

/** Parameters of Ollama's own, by their place in the request. */
export interface OwnParameters {
  readonly body: Fields;
  readonly options: Fields;
  /** Names of those that were left out. */
  readonly ignored: readonly string[];
}

/**
 * Sorts the parameters that are not OpenAI's, as LiteLLM does: those that nobody knows are taken for options of the model.
 * Ollama passes over options that it does not know.
 */
export function ownParameters(extra: Fields, dropUnknown: boolean): OwnParameters {
  const body: { [name: string]: unknown } = {};
  const options: { [name: string]: unknown } = {};
  const ignored: string[] = [];
  for (const name in extra) {
    const value = extra[name];
    if (members.has(name)) body[name] = value;
    else if (name === "options") Object.assign(options, fieldsIn(value));
    else if (dropUnknown && !modelOptions.has(name)) ignored.push(name);
    else options[name] = value;
  }
  return { body, options, ignored };
}
