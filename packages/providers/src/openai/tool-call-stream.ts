import type { ChatEventSink, Fields } from "@gatewright/call";
import { fieldsIn, textIn } from "../fields-in.ts";
import type { WireNames } from "../wire-names.ts";
import { madeCallId } from "./made-call-id.ts";
import { argumentsIn, signatureIn } from "./message.ts";

/** A call that has begun. Until its name is known nothing is told of it. */
interface Call {
  readonly tool: number;
  /** The upstream's; "" when it has none. */
  id: string;
  name: string;
  signature: string | undefined;
  told: boolean;
  /** Arguments that came before the name. */
  held: string;
}

/**
 * The tool calls of one streamed choice. OpenAI numbers their deltas; others leave the number out or give every call the
 * same, leave out the id, or repeat id and name in each delta.
 */
export class ToolCallStream {
  readonly #sink: ChatEventSink;
  readonly #choice: number;
  readonly #key: string;
  readonly #toolNames: WireNames;
  readonly #calls: Call[] = [];
  /** By the upstream's number: the last that had it. */
  readonly #byIndex = new Map<number, Call>();

  constructor(sink: ChatEventSink, choice: number, key: string, toolNames: WireNames) {
    this.#sink = sink;
    this.#choice = choice;
    this.#key = key;
    this.#toolNames = toolNames;
  }

  get any(): boolean {
    return this.#calls.length > 0;
  }

  read(delta: Fields | undefined): void {
    if (delta === undefined) return;
    const details = fieldsIn(delta["function"]);
    const id = textIn(delta["id"]) ?? "";
    const name = textIn(details?.["name"]) ?? "";
    const call = this.#callOf(delta["index"], id, name);
    call.id ||= id;
    call.name ||= name;
    call.signature ??= signatureIn(delta);
    if (!call.told && call.name !== "") this.#tell(call);
    const text = argumentsIn(details?.["arguments"]);
    if (text === "") return;
    if (call.told) this.#arguments(call, text);
    else call.held += text;
  }

  /** No more is to come: what has no name yet has none. */
  end(): void {
    for (const call of this.#calls) if (!call.told) this.#tell(call);
  }

  #callOf(index: unknown, id: string, name: string): Call {
    if (typeof index === "number") {
      const known = this.#byIndex.get(index);
      if (known !== undefined && !isRenumbered(known, id, name)) return known;
      const call = this.#begin();
      this.#byIndex.set(index, call);
      return call;
    }
    const known = id === "" ? undefined : this.#calls.find((call) => call.id === id);
    if (known !== undefined) return known;
    const last = this.#calls.at(-1);
    if (last === undefined || isNext(last, id, name)) return this.#begin();
    return last;
  }

  #begin(): Call {
    const call: Call = {
      tool: this.#calls.length,
      id: "",
      name: "",
      signature: undefined,
      told: false,
      held: "",
    };
    this.#calls.push(call);
    return call;
  }

  #tell(call: Call): void {
    call.told = true;
    const { name, signature, tool } = call;
    this.#sink({
      kind: "tool-call",
      choice: this.#choice,
      tool,
      id: call.id || madeCallId(this.#key, tool),
      name: this.#toolNames.toClient(name),
      ...(signature === undefined ? {} : { signature }),
    });
    if (call.held !== "") this.#arguments(call, call.held);
  }

  #arguments({ tool }: Call, text: string): void {
    this.#sink({ kind: "tool-arguments", choice: this.#choice, tool, text });
  }
}

/** Whether a delta is of another call that has the same number: it has both an id and a name, and another id. */
function isRenumbered(call: Call, id: string, name: string): boolean {
  return name !== "" && id !== "" && call.id !== "" && id !== call.id;
}

/** Whether a delta without a number begins a call after this one: it has a name, while this one has its own already. */
function isNext(call: Call, id: string, name: string): boolean {
  return name !== "" && call.name !== "" && (id === "" || id !== call.id);
}
