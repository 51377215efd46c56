import type {
  ChatCall,
  Fields,
  Message,
  Part,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart,
} from "@gatewright/call";
import { fieldsIn, parsedJson } from "../fields-in.ts";
import { CallRefusal } from "../wire.ts";
import { isOwnId } from "./call-ids.ts";
import { audioPart, mediaPart } from "./media-part.ts";
import type { ModelTraits } from "./model.ts";
import { SIGNATURE_OF_OTHERS, unmarked } from "./signature.ts";
import type { ToolNames } from "./tool-names.ts";

/** Members `contents` and `systemInstruction` of the body. */
export function writeContents(call: ChatCall, traits: ModelTraits, toolNames: ToolNames): Fields {
  const conversation = new Conversation(traits, toolNames);
  for (const message of call.messages) conversation.add(message);
  return conversation.written();
}

/** A tool call of the conversation. */
interface EarlierCall {
  readonly name: string;
  /** Its number among all calls. */
  readonly order: number;
}

/** Results of a turn of the user, with the number of their calls. */
interface Result {
  readonly order: number;
  readonly parts: readonly Fields[];
}

/** Builds the turns, which alternate: neighbours of one role become one turn. */
class Conversation {
  readonly #traits: ModelTraits;
  readonly #toolNames: ToolNames;
  readonly #calls = new Map<string, EarlierCall>();
  readonly #system: Fields[] = [];
  readonly #contents: Fields[] = [];
  #role: "user" | "model" | undefined;
  #parts: Fields[] = [];
  #results: Result[] = [];

  constructor(traits: ModelTraits, toolNames: ToolNames) {
    this.#traits = traits;
    this.#toolNames = toolNames;
  }

  add({ parts, role }: Message): void {
    if (role === "system" || role === "developer") {
      for (const part of parts) if (part.kind === "text") this.#system.push({ text: part.text });
      return;
    }
    const turn = role === "user" ? "user" : "model";
    if (turn !== this.#role) this.#closeTurn();
    this.#role = turn;
    for (const part of parts) this.#addPart(part);
  }

  written(): Fields {
    this.#closeTurn();
    // Instructions alone are no conversation for Gemini, but a question for other APIs.
    if (this.#contents.length === 0) return { contents: [{ role: "user", parts: this.#system }] };
    return {
      contents: this.#contents,
      ...(this.#system.length === 0 ? {} : { systemInstruction: { parts: this.#system } }),
    };
  }

  /** Results come first and in the order of their calls, for that is how Gemini matches those without an id. */
  #closeTurn(): void {
    const results = this.#results.sort((one, other) => one.order - other.order).flatMap(({ parts }) => parts);
    const parts = results.length === 0 ? this.#parts : [...results, ...this.#parts];
    if (parts.length > 0) this.#contents.push({ role: this.#role, parts });
    this.#parts = [];
    this.#results = [];
  }

  #addPart(part: Part): void {
    switch (part.kind) {
      case "text":
      case "refusal":
        if (part.text !== "") this.#parts.push({ text: part.text });
        return;
      case "image":
        this.#parts.push(mediaPart(part));
        return;
      case "document":
        if (part.context !== undefined) this.#parts.push({ text: part.context });
        this.#parts.push(mediaPart(part));
        return;
      case "audio":
        this.#parts.push(audioPart(part.format, part.data));
        return;
      case "tool-call":
        this.#parts.push(this.#call(part));
        return;
      case "tool-result":
        this.#results.push(this.#result(part));
        return;
      case "reasoning":
        this.#addReasoning(part);
        return;
      case "other":
        if (part.wire === "gemini") this.#parts.push(part.value);
        return;
      case "redacted-reasoning":
        return;
    }
  }

  /** A signature without a text belongs to the text before it. */
  #addReasoning({ signature, text }: ReasoningPart): void {
    const thoughtSignature = unmarked(signature);
    const signed = thoughtSignature === undefined ? {} : { thoughtSignature };
    if (text !== "") {
      this.#parts.push({ text, thought: true, ...signed });
      return;
    }
    if (thoughtSignature === undefined) return;
    const last = this.#parts.at(-1);
    const unsigned =
      last !== undefined && "text" in last && !("thought" in last) && !("thoughtSignature" in last);
    if (unsigned) this.#parts[this.#parts.length - 1] = { ...last, ...signed };
    else this.#parts.push({ text: "", ...signed });
  }

  #call(part: ToolCallPart): Fields {
    const { id, signature } = part;
    this.#calls.set(id, { name: part.name, order: this.#calls.size });
    // Only the first of calls made side by side has to be signed.
    const first = !this.#parts.some((other) => "functionCall" in other);
    const thoughtSignature =
      signature ?? (first && this.#traits.signedCalls ? SIGNATURE_OF_OTHERS : undefined);
    return {
      functionCall: {
        ...(isOwnId(id) ? {} : { id }),
        name: this.#toolNames.toWire(part.name),
        args: argumentsOf(part.arguments),
      },
      ...(thoughtSignature === undefined ? {} : { thoughtSignature }),
    };
  }

  #result(part: ToolResultPart): Result {
    const { id } = part;
    const call = this.#calls.get(id);
    const name = call?.name ?? part.name;
    if (name === undefined) {
      throw new CallRefusal(
        `Gemini matches the result of a tool by the tool's name, and no call before it has the id ${id}.`,
      );
    }
    const texts: string[] = [];
    const media: Fields[] = [];
    for (const piece of part.content) {
      if (piece.kind === "text") texts.push(piece.text);
      else if (piece.source.kind === "text") texts.push(piece.source.text);
      else media.push(mediaPart(piece));
    }
    const text = texts.join("\n");
    const nested = media.length > 0 && this.#traits.mediaInResults;
    const functionResponse = {
      ...(isOwnId(id) ? {} : { id }),
      name: this.#toolNames.toWire(name),
      response: part.isError ? { error: text } : { output: text },
      ...(nested ? { parts: media } : {}),
    };
    return {
      order: call?.order ?? this.#calls.size,
      parts: [{ functionResponse }, ...(nested ? [] : media)],
    };
  }
}

/** Gemini takes an object only; what a model wrote instead is kept as text. */
function argumentsOf(text: string): Fields {
  if (text.trim() === "") return {};
  return fieldsIn(parsedJson(text)) ?? { arguments: text };
}
