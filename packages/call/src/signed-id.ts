const SEPARATOR = "__thought__";
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The id of a tool call together with its signature (`ToolCallPart.signature`), for clients of chat completions: they
 * have no place for signatures, but give ids back. LiteLLM's way, `<id>__thought__<signature>`, with the signature in
 * letters that all APIs take in ids. Without a signature, or with one that is no base64, it is the id as it is.
 */
export function signedId(id: string, signature: string | undefined): string {
  if (signature === undefined || signature.length % 4 !== 0 || !BASE64.test(signature)) return id;
  return `${id}${SEPARATOR}${signature.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

/** Takes such an id apart. Every id of a tool call or a result that a client sends may be one. */
export function splitId(id: string): { readonly id: string; readonly signature?: string } {
  const at = id.indexOf(SEPARATOR);
  if (at < 0) return { id };
  const text = id
    .slice(at + SEPARATOR.length)
    .replaceAll("-", "+")
    .replaceAll("_", "/");
  return { id: id.slice(0, at), signature: text.padEnd(Math.ceil(text.length / 4) * 4, "=") };
}
