import type { Fields, Message, Part } from "@gatewright/call";
import { carriedBy } from "../carried-part.ts";
import { invalid, isFields, missing, objectAt, optionalList, optionalText, textAt } from "../field.ts";
import { readContent, readOutput } from "./read-content.ts";

/** Reads `input`: a text of the user, or the items of a conversation. */
export function readInput(input: unknown): readonly Message[] {
  if (typeof input === "string") return [{ role: "user", parts: [{ kind: "text", text: input }] }];
  if (input === undefined || input === null) missing("input");
  if (!Array.isArray(input)) invalid("input", "a string or a list of items");
  const conversation = new Conversation();
  for (let index = 0; index < input.length; index++) conversation.add(input[index], `input[${index}]`);
  return conversation.messages;
}

/** Items of the client's side, beside messages and those whose type ends in `_output`. */
const clientItems: ReadonlySet<string> = new Set([
  "mcp_approval_response",
  "compaction_trigger",
  "configuration_update",
]);

/** Puts items together to messages: those of one turn of the assistant follow one another and become one message. */
class Conversation {
  readonly messages: Message[] = [];
  readonly #toolNames = new Map<string, string>();
  /** Parts of the assistant's turn under way. */
  #turn: Part[] | undefined;
  /** Signature of the function call that follows in the same turn. */
  #callSignature: string | undefined;

  add(value: unknown, path: string): void {
    const item = objectAt(value, path);
    const type = optionalText(item["type"], `${path}.type`);
    switch (type) {
      case "message":
        return this.#message(item, path);
      case "function_call":
        return this.#functionCall(item, path);
      case "function_call_output":
        return this.#functionOutput(item, path);
      case "reasoning":
        return this.#reasoning(item, path);
      case "item_reference":
        return refuseReference(path);
      case undefined:
        // A message needs no type, and neither does a reference.
        if (item["role"] !== undefined) return this.#message(item, path);
        return item["id"] === undefined ? missing(`${path}.type`) : refuseReference(path);
      default:
        return this.#other(item, type);
    }
  }

  #message(item: Fields, path: string): void {
    const role = item["role"];
    const parts = readContent(item["content"], `${path}.content`);
    if (role === "assistant") return this.#say(...parts);
    if (role === "user" || role === "system" || role === "developer") return this.#begin({ role, parts });
    return role === undefined
      ? missing(`${path}.role`)
      : invalid(`${path}.role`, "user, assistant, system or developer");
  }

  #functionCall(item: Fields, path: string): void {
    const id = textAt(item["call_id"], `${path}.call_id`);
    const name = textAt(item["name"], `${path}.name`);
    const signature = this.#callSignature;
    this.#callSignature = undefined;
    this.#toolNames.set(id, name);
    this.#say({
      kind: "tool-call",
      id,
      name,
      arguments: textAt(item["arguments"], `${path}.arguments`),
      ...(signature === undefined ? {} : { signature }),
    });
  }

  #functionOutput(item: Fields, path: string): void {
    const id = textAt(item["call_id"], `${path}.call_id`);
    const name = this.#toolNames.get(id);
    const content = readOutput(item["output"], `${path}.output`);
    const part: Part = {
      kind: "tool-result",
      id,
      ...(name === undefined ? {} : { name }),
      content,
      isError: false,
    };
    this.#begin({ role: "user", parts: [part] });
  }

  #reasoning(item: Fields, path: string): void {
    const encrypted = optionalText(item["encrypted_content"], `${path}.encrypted_content`);
    const carried = encrypted === undefined ? undefined : carriedBy(encrypted);
    if (encrypted !== undefined && carried === undefined) {
      return this.#say({ kind: "other", wire: "responses", value: item });
    }
    if (carried?.kind === "call") {
      this.#callSignature = carried.signature;
      return;
    }
    if (carried !== undefined && carried.kind !== "signature") return this.#say(carried);
    const text = thoughtOf(item, path);
    if (carried !== undefined) return this.#say({ kind: "reasoning", text, signature: carried.signature });
    if (text !== "") this.#say({ kind: "reasoning", text });
  }

  /** Items of tools that OpenAI runs or has forms of its own for. */
  #other(item: Fields, type: string): void {
    const part: Part = { kind: "other", wire: "responses", value: item };
    if (type === "additional_tools") return this.#begin({ role: "developer", parts: [part] });
    if (type.endsWith("_output") || clientItems.has(type))
      return this.#begin({ role: "user", parts: [part] });
    this.#say(part);
  }

  #say(...parts: readonly Part[]): void {
    // A message without content is none: some providers refuse it.
    if (parts.length === 0) return;
    if (this.#turn === undefined) {
      this.#turn = [];
      this.messages.push({ role: "assistant", parts: this.#turn });
    }
    this.#turn.push(...parts);
  }

  #begin(message: Message): void {
    this.#turn = undefined;
    this.#callSignature = undefined;
    this.messages.push(message);
  }
}

function refuseReference(path: string): never {
  invalid(path, "an item itself: this model's provider keeps no items that could be referred to");
}

/** The reasoning's own text where the model shows it, else its summary. */
function thoughtOf(item: Fields, path: string): string {
  const said = [
    ...optionalList(item["content"], `${path}.content`),
    ...optionalList(item["summary"], `${path}.summary`),
  ].filter(isFields);
  const own = said.filter((part) => part["type"] === "reasoning_text");
  return (own.length > 0 ? own : said)
    .map((part) => (typeof part["text"] === "string" ? part["text"] : ""))
    .join("\n\n");
}
