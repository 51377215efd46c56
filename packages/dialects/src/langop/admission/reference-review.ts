import type * as z from "zod";
import type { agentModel, agentTool } from "../kinds/language-agent.ts";
import type { Review } from "./review.ts";

type Model = z.output<typeof agentModel>;
type Tool = z.output<typeof agentTool>;

/** Models that something refers to, each with the field it is written in. */
export function reviewModels(
  models: readonly { readonly model: Pick<Model, "name" | "model">; readonly at: Review }[],
): void {
  const seen = new Set<string>();
  for (const { model, at } of models) {
    const identity = `${model.name}/${model.model ?? ""}`;
    if (seen.has(identity)) {
      at.warn([], "ModelRepeated", `names the model ${model.name} again; the first mention counts.`);
    }
    seen.add(identity);
  }
}

/** Tools that something refers to (langop.md §2.1, generation C: `url`, `headers`). */
export function reviewTools(tools: readonly Tool[], review: Review): void {
  const seen = new Set<string>();
  for (const [index, { name, enabled, url, headers }] of tools.entries()) {
    const at = review.within(index);
    if (enabled && seen.has(name)) {
      at.warn([], "ToolRepeated", `repeats the tool ${name}; the first one is used.`);
    }
    if (enabled) seen.add(name);
    if (url !== undefined) reviewToolUrl(url, at.within("url"));
    if (headers === undefined) continue;
    if (url === undefined) {
      const text = "has no effect without `url`: headers are for servers that are no LanguageTool.";
      at.warn(["headers"], "HeadersIgnored", text);
    }
    for (const [header, value] of Object.entries(headers)) reviewHeader(header, value, at.within("headers"));
  }
}

function reviewToolUrl(text: string, review: Review): void {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") {
    review.refuse([], "UrlInvalid", "must be a URL that begins with http:// or https://.");
    return;
  }
  if (url.username !== "" || url.password !== "") {
    const text =
      "has a user name or password in it, which everybody who may read the agent can see. Give the agent a credential instead.";
    review.warn([], "UrlHoldsCredential", text);
  }
}

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u;
const secretHeader = /authorization|cookie|token|secret|password|credential|api[-_]?key|access[-_]?key/iu;

function reviewHeader(name: string, value: string, review: Review): void {
  if (!headerName.test(name)) review.refuse([name], "HeaderInvalid", "is no name of an HTTP header.");
  if (/[^\t\x20-\x7E\x80-\xFF]/u.test(value)) {
    review.refuse(
      [name],
      "HeaderInvalid",
      "has a value that no HTTP header can have, for example with a line break.",
    );
  }
  if (secretHeader.test(name)) {
    const text =
      "looks like a credential, which everybody who may read the agent can see. Give the agent a credential instead.";
    review.warn([name], "HeaderHoldsCredential", text);
  }
}
