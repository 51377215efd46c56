/** Where a model of Vertex's is, by its name in LiteLLM's forms. */
export type ModelPlace =
  | { readonly kind: "model"; readonly publisher: "google" | "anthropic"; readonly model: string }
  /** A tuned Gemini: `gemini/<id>`, or the id alone. */
  | { readonly kind: "endpoint"; readonly id: string }
  | { readonly kind: "unserved"; readonly publisher: string };

const TUNED = /^(?:gemini\/)?(\d+)$/;
const OTHERS = /^(mistral|ministral|codestral|jamba|llama|deepseek|qwen|gpt-oss|kimi|minimax)/;

/** Reads `gemini-2.5-pro`, `claude-sonnet-4-5@20250929`, `google/<model>`, `anthropic/<model>`, `gemini/<endpoint>`. */
export function modelPlace(name: string): ModelPlace {
  const id = TUNED.exec(name)?.[1];
  if (id !== undefined) return { kind: "endpoint", id };
  const slash = name.indexOf("/");
  const publisher = slash < 0 ? undefined : name.slice(0, slash);
  const model = name.slice(slash + 1);
  if (publisher === "google" || publisher === "anthropic") return { kind: "model", publisher, model };
  if (publisher === "gemini") return { kind: "model", publisher: "google", model };
  if (publisher !== undefined) return { kind: "unserved", publisher };
  if (model.startsWith("claude")) return { kind: "model", publisher: "anthropic", model };
  const other = OTHERS.exec(model)?.[1];
  return other === undefined
    ? { kind: "model", publisher: "google", model }
    : { kind: "unserved", publisher: other };
}

export function isClaude(name: string): boolean {
  const place = modelPlace(name);
  return place.kind === "model" && place.publisher === "anthropic";
}
