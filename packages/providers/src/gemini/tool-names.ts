import type { ChatCall } from "@gatewright/call";
import { unusedName } from "../wire-names.ts";

const TAKEN = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/;
const OTHERS = /[^a-zA-Z0-9_.:-]/g;
const LONGEST = 128;

/** Names of functions as Gemini takes them, and the way back. Those it takes already stay. */
export class ToolNames {
  readonly #toWire = new Map<string, string>();
  readonly #toClient = new Map<string, string>();

  constructor(call: ChatCall) {
    let used: Set<string> | undefined;
    for (const name of namesIn(call)) {
      if (TAKEN.test(name) || this.#toWire.has(name)) continue;
      used ??= new Set(namesIn(call));
      const wire = unusedName(`_${name.replace(OTHERS, "_")}`.slice(0, LONGEST), used, LONGEST);
      used.add(wire);
      this.#toWire.set(name, wire);
      this.#toClient.set(wire, name);
    }
  }

  toWire(name: string): string {
    return this.#toWire.get(name) ?? name;
  }

  toClient(name: string): string {
    return this.#toClient.get(name) ?? name;
  }
}

/** Every name that the call speaks of, some more than once. */
function* namesIn({ messages, toolChoice, tools }: ChatCall): Generator<string, void> {
  for (const tool of tools) if (tool.kind === "function") yield tool.name;
  if (toolChoice?.kind === "tool") yield toolChoice.name;
  if (toolChoice?.kind === "allowed") yield* toolChoice.names;
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.kind === "tool-call") yield part.name;
      else if (part.kind === "tool-result" && part.name !== undefined) yield part.name;
    }
  }
}
