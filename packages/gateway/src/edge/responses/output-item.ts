import type { Citation, OtherPart } from "@gatewright/call";
import { type Carried, carry } from "../carried-part.ts";
import { isFields } from "../field.ts";
import { annotationOf } from "./annotation.ts";

/** How far an item has come. */
export type ItemStatus = "in_progress" | "completed" | "incomplete";

/** What the content of a message item in an answer is made of. */
export type Said =
  | {
      readonly type: "output_text";
      readonly text: string;
      readonly annotations: readonly object[];
      readonly logprobs: readonly unknown[];
    }
  | { readonly type: "refusal"; readonly refusal: string };

/** Ids of the output's items: the same for every way one call is answered, different for every call and item. */
export function itemId(kind: "msg" | "fc" | "rs", callId: string, index: number): string {
  return `${kind}_${callId.replaceAll("-", "")}_${index}`;
}

export function outputText(text: string, citations: readonly Citation[], logprobs: readonly unknown[]): Said {
  const annotations = citations.map((citation) => annotationOf(citation, text.length));
  return { type: "output_text", text, annotations, logprobs };
}

/** The tokens of chat completions' `logprobs`, which Responses lists without an object around them. */
export function logprobsOf(logprobs: unknown): readonly unknown[] {
  const content = isFields(logprobs) ? logprobs["content"] : undefined;
  return Array.isArray(content) ? content : [];
}

export function messageItem(id: string, status: ItemStatus, content: readonly Said[]): object {
  return { id, type: "message", role: "assistant", status, content };
}

/** What stands for the arguments of a tool that takes none, which some providers leave empty: clients parse them. */
export const NO_ARGUMENTS = "{}";

/** Clients find results by `call_id`: where the provider gave none, the item's own id serves. */
export function functionCallItem(
  id: string,
  status: ItemStatus,
  call: { readonly id: string; readonly name: string; readonly arguments: string },
): object {
  return {
    id,
    type: "function_call",
    status,
    call_id: call.id === "" ? id : call.id,
    name: call.name,
    arguments: call.arguments,
  };
}

/** Thoughts go out as a summary, which is where clients of this API look for them. */
export function reasoningItem(id: string, text: string, carried: Carried | undefined): object {
  return {
    id,
    type: "reasoning",
    summary: text === "" ? [] : [{ type: "summary_text", text }],
    ...(carried === undefined ? {} : { encrypted_content: carry(carried) }),
  };
}

/** Parts of this API's own are items as they are; those of other APIs are carried. */
export function otherItem(id: string, { wire, value }: Omit<OtherPart, "kind">): object {
  if (wire === "responses" && typeof value["type"] === "string") return value;
  return reasoningItem(id, "", { kind: "other", wire, value });
}
