import type { OtherPart, RedactedReasoningPart, WireName } from "@gatewright/call";
import { isFields } from "./field.ts";

/**
 * What Responses has no word for, but what has to come back in the next turn, travels as `encrypted_content` of
 * reasoning items, which clients give back unread. The text, by version 1:
 *
 *     gatewright:1:signature:<signature>     the item's summary is reasoning with this signature
 *     gatewright:1:redacted:<data>           reasoning that only the provider can read
 *     gatewright:1:call:<signature>          the signature of the function call that follows
 *     gatewright:1:part:{"wire":…,"value":…} a part of another API
 *
 * What stands after the last colon is as the provider sent it. Anything else is OpenAI's, or of a version to come.
 */
const prefix = "gatewright:1:";

export type Carried =
  | { readonly kind: "signature"; readonly signature: string }
  | { readonly kind: "call"; readonly signature: string }
  | RedactedReasoningPart
  | OtherPart;

/** The `encrypted_content` that carries it. */
export function carry(carried: Carried): string {
  switch (carried.kind) {
    case "signature":
    case "call":
      return `${prefix}${carried.kind}:${carried.signature}`;
    case "redacted-reasoning":
      return `${prefix}redacted:${carried.data}`;
    case "other":
      return `${prefix}part:${JSON.stringify({ wire: carried.wire, value: carried.value })}`;
  }
}

/** What an `encrypted_content` carries; undefined where it is not ours. */
export function carriedBy(text: string): Carried | undefined {
  if (!text.startsWith(prefix)) return undefined;
  const colon = text.indexOf(":", prefix.length);
  const rest = text.slice(colon + 1);
  switch (text.slice(prefix.length, colon)) {
    case "signature":
      return { kind: "signature", signature: rest };
    case "call":
      return { kind: "call", signature: rest };
    case "redacted":
      return { kind: "redacted-reasoning", data: rest };
    case "part":
      return otherOf(rest);
    default:
      return undefined;
  }
}

const wires: { readonly [W in WireName]: true } = {
  openai: true,
  responses: true,
  anthropic: true,
  gemini: true,
  bedrock: true,
  cohere: true,
  ollama: true,
};

function isWire(value: unknown): value is WireName {
  return typeof value === "string" && Object.hasOwn(wires, value);
}

/** Clients can write anything here. */
function otherOf(text: string): OtherPart | undefined {
  let part: unknown;
  try {
    part = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isFields(part)) return undefined;
  const wire = part["wire"];
  const value = part["value"];
  return isWire(wire) && isFields(value) ? { kind: "other", wire, value } : undefined;
}
