import type { ChatEvent } from "@gatewright/call";

type ToolCallEvent = Extract<ChatEvent, { kind: "tool-call" }>;

/** A call that waits for the one before it. */
export interface HeldCall {
  readonly event: ToolCallEvent;
  /** The arguments that have come. */
  text: string;
}

/**
 * The tool calls of a stream, whose pieces may come mixed, while their blocks follow one another: one is under way, those
 * that began before it was complete are held.
 */
export class ToolCalls {
  readonly #held = new Map<number, HeldCall>();
  #current: number | undefined;
  #text = "";

  /** The call is under way now. `text`: arguments that it has already. */
  begin(tool: number, text: string): void {
    this.#current = tool;
    this.#text = text;
  }

  leave(): void {
    this.#current = undefined;
    this.#text = "";
  }

  /** Whether the arguments of the call under way are whole: few upstreams say so. */
  currentIsWhole(): boolean {
    try {
      JSON.parse(this.#text);
      return true;
    } catch {
      return false;
    }
  }

  hold(event: ToolCallEvent): void {
    this.#held.set(event.tool, { event, text: "" });
  }

  /** Takes a piece of a call's arguments: true when it belongs to the call under way. */
  add(tool: number, text: string): boolean {
    if (tool === this.#current) {
      this.#text += text;
      return true;
    }
    const held = this.#held.get(tool);
    if (held !== undefined) held.text += text;
    return false;
  }

  /** The next call that waits, which waits no more. */
  nextHeld(): HeldCall | undefined {
    for (const [tool, held] of this.#held) {
      this.#held.delete(tool);
      return held;
    }
    return undefined;
  }
}
