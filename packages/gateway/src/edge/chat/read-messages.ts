import {
  type CacheMark,
  type Fields,
  type Message,
  type Part,
  splitId,
  type ToolCallPart,
} from "@gatewright/call";
import {
  invalid,
  isFields,
  listAt,
  missing,
  objectAt,
  optionalList,
  optionalObject,
  optionalText,
  textAt,
} from "../field.ts";
import { cacheOf, readContent, readResult } from "./read-content.ts";

/** Reads `messages`. */
export function readMessages(value: unknown): readonly Message[] {
  const calls = new Calls();
  return listAt(value, "messages").map((item, index) => {
    const path = `messages[${index}]`;
    return readMessage(objectAt(item, path), path, calls);
  });
}

/** The tool calls so far: results are named after them. */
class Calls {
  readonly #names = new Map<string, string>();
  #legacy = 0;

  add({ id, name }: ToolCallPart): void {
    this.#names.set(id, name);
  }

  nameOf(id: string): string | undefined {
    return this.#names.get(id);
  }

  /** An id for a call of the time when there was one function call at most, and no ids. */
  nextLegacyId(): string {
    return `call_function_${++this.#legacy}`;
  }

  /** The id of the last such call. */
  lastLegacyId(): string {
    return `call_function_${this.#legacy}`;
  }
}

function readMessage(message: Fields, path: string, calls: Calls): Message {
  const { role } = message;
  switch (role) {
    case "system":
    case "developer":
    case "user":
      return {
        role,
        parts: marked(readContent(message["content"], `${path}.content`), message),
        ...nameOf(message, path),
      };
    case "assistant":
      return { role, parts: marked(readTurn(message, path, calls), message), ...nameOf(message, path) };
    case "tool":
      return readToolMessage(message, path, calls, callIdOf(message, path));
    case "function":
      return readToolMessage(message, path, calls, calls.lastLegacyId());
    case undefined:
      return missing(`${path}.role`);
    default:
      return invalid(`${path}.role`, "system, developer, user, assistant, tool or function");
  }
}

function nameOf(message: Fields, path: string): { readonly name?: string } {
  const name = optionalText(message["name"], `${path}.name`);
  return name === undefined ? {} : { name };
}

/** LiteLLM takes a cache mark of the message as a whole: it ends with the last part that can be marked. */
function marked(parts: Part[], message: Fields): readonly Part[] {
  const { cache } = cacheOf(message);
  if (cache === undefined) return parts;
  const index = parts.findLastIndex(({ kind }) => markable.has(kind));
  const part = parts[index];
  if (part !== undefined && !("cache" in part))
    parts[index] = { ...part, cache } as Part & { readonly cache: CacheMark };
  return parts;
}

const markable: ReadonlySet<Part["kind"]> = new Set(["text", "image", "document", "tool-call"]);

function readToolMessage(message: Fields, path: string, calls: Calls, id: string): Message {
  const name = calls.nameOf(id) ?? optionalText(message["name"], `${path}.name`);
  return {
    role: "user",
    parts: [
      {
        kind: "tool-result",
        id,
        ...(name === undefined ? {} : { name }),
        content: readResult(message["content"], `${path}.content`),
        isError: false,
        ...cacheOf(message),
      },
    ],
  };
}

/** What the assistant thought, said and called, in this order. */
function readTurn(message: Fields, path: string, calls: Calls): Part[] {
  const parts: Part[] = [...readReasoning(message, path)];
  const content = readContent(message["content"] ?? "", `${path}.content`);
  for (const part of content) parts.push((part.kind === "other" ? thoughtOf(part.value) : undefined) ?? part);
  const refusal = optionalText(message["refusal"], `${path}.refusal`);
  if (refusal !== undefined) parts.push({ kind: "refusal", text: refusal });
  const audio = optionalObject(message["audio"], `${path}.audio`);
  if (audio !== undefined) parts.push({ kind: "other", wire: "openai", value: { audio } });
  for (const [index, item] of optionalList(message["tool_calls"], `${path}.tool_calls`).entries()) {
    const call = readCall(item, `${path}.tool_calls[${index}]`);
    calls.add(call);
    parts.push(call);
  }
  const legacy = optionalObject(message["function_call"], `${path}.function_call`);
  if (legacy !== undefined) {
    const call = callOf(legacy, calls.nextLegacyId(), `${path}.function_call`);
    calls.add(call);
    parts.push(call);
  }
  return parts;
}

/** LiteLLM's blocks, which are Anthropic's, have the signatures; without them only the text is there. */
function readReasoning(message: Fields, path: string): readonly Part[] {
  const blocks = optionalList(message["thinking_blocks"], `${path}.thinking_blocks`).flatMap((block) => {
    const part = isFields(block) ? thoughtOf(block) : undefined;
    return part === undefined ? [] : [part];
  });
  if (blocks.length > 0) return blocks;
  const text = optionalText(message["reasoning_content"], `${path}.reasoning_content`) ?? "";
  return text === "" ? [] : [{ kind: "reasoning", text }];
}

/** A block of Anthropic's that holds reasoning. */
function thoughtOf(block: Fields): Part | undefined {
  const { data, signature, thinking } = block;
  if (block["type"] === "redacted_thinking" && typeof data === "string")
    return { kind: "redacted-reasoning", data };
  if (block["type"] !== "thinking" || typeof thinking !== "string") return undefined;
  const signed = typeof signature === "string" && signature !== "";
  return { kind: "reasoning", text: thinking, ...(signed ? { signature } : {}) };
}

/** The id that the upstream knows. */
function callIdOf(message: Fields, path: string): string {
  return splitId(textAt(message["tool_call_id"], `${path}.tool_call_id`)).id;
}

function readCall(value: unknown, path: string): ToolCallPart {
  const call = objectAt(value, path);
  const type = call["type"];
  if (type !== undefined && type !== null && type !== "function") invalid(`${path}.type`, "function");
  const { id, signature: carried } = splitId(textAt(call["id"], `${path}.id`));
  const part = callOf(objectAt(call["function"], `${path}.function`), id, `${path}.function`);
  const signature = signatureOf(call) ?? carried;
  return { ...part, ...(signature === undefined ? {} : { signature }), ...cacheOf(call) };
}

function callOf(details: Fields, id: string, path: string): ToolCallPart {
  return {
    kind: "tool-call",
    id,
    name: textAt(details["name"], `${path}.name`),
    arguments: textAt(details["arguments"], `${path}.arguments`),
  };
}

/** Gemini's thought signature: where LiteLLM puts it, and where Google's own compatible API does. */
function signatureOf(call: Fields): string | undefined {
  const own = call["provider_specific_fields"];
  const extra = call["extra_content"];
  const google = isFields(extra) ? extra["google"] : undefined;
  for (const place of [own, google]) {
    const signature = isFields(place) ? place["thought_signature"] : undefined;
    if (typeof signature === "string" && signature !== "") return signature;
  }
  return undefined;
}
