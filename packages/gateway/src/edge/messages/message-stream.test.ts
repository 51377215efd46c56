import { type ChatEvent, tokenUsage } from "@gatewright/call";
import fc from "fast-check";
import { expect, it } from "vitest";
import { MessageStream } from "./message-stream.ts";

interface Block {
  readonly type: string;
  readonly index: number;
  text: string;
}

interface Frame {
  readonly type: string;
  readonly index: number;
  readonly content_block: { readonly type: string };
  readonly delta: { readonly [member: string]: string };
}

function framesOf(events: readonly ChatEvent[]): readonly Frame[] {
  const writer = new MessageStream({ model: "m", callId: "c", time: 0, fields: {} });
  const text = events.map((event) => writer.write(event)).join("");
  return text
    .split("\n\n")
    .filter((frame) => frame !== "")
    .map((frame) => {
      const [event = "", data = ""] = frame.split("\n");
      const value = JSON.parse(data.replace(/^data: /, "")) as Frame;
      expect(event).toBe(`event: ${value.type}`);
      return value;
    });
}

/** Follows the stream by the rules of the Messages API, and gives back its blocks. */
function blocksOf(frames: readonly Frame[]): readonly Block[] {
  const said = frames.filter(({ type }) => type !== "ping");
  expect(said.at(0)?.type).toBe("message_start");
  expect(said.slice(-2).map(({ type }) => type)).toEqual(["message_delta", "message_stop"]);
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const { content_block, delta, index, type } of said.slice(1, -2)) {
    if (type === "content_block_start") {
      expect([open, index]).toEqual([undefined, blocks.length]);
      open = { type: content_block.type, index, text: "" };
      blocks.push(open);
    } else if (type === "content_block_delta") {
      expect(index).toBe(open?.index);
      if (open !== undefined) open.text += delta["text"] ?? delta["thinking"] ?? delta["partial_json"] ?? "";
    } else {
      expect([type, index]).toEqual(["content_block_stop", open?.index]);
      open = undefined;
    }
  }
  expect(open).toBeUndefined();
  return blocks;
}

const choice = fc.constantFrom(0, 0, 0, 1);
const text = fc.string({ maxLength: 5, unit: "grapheme" });
const value = fc.record({ type: fc.constant("server_tool_use"), more: text });

/** Anything that may be heard between the start and the end. */
const anyEvent: fc.Arbitrary<ChatEvent> = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), choice, text }),
  fc.record({ kind: fc.constant("refusal" as const), choice, text }),
  fc.record({ kind: fc.constant("reasoning" as const), choice, text }),
  fc.record({ kind: fc.constant("reasoning-signature" as const), choice, signature: text }),
  fc.record({ kind: fc.constant("redacted-reasoning" as const), choice, data: text }),
  fc.record({
    kind: fc.constant("citation" as const),
    choice,
    citation: fc.record({ wire: fc.constant("anthropic" as const), value }),
  }),
  fc.record(
    {
      kind: fc.constant("tool-call" as const),
      choice,
      tool: fc.nat(3),
      id: text,
      name: text,
      signature: text,
    },
    { requiredKeys: ["kind", "choice", "tool", "id", "name"] },
  ),
  fc.record({ kind: fc.constant("tool-arguments" as const), choice, tool: fc.nat(3), text }),
  fc.record({
    kind: fc.constant("other" as const),
    choice,
    wire: fc.constantFrom("anthropic", "gemini"),
    value,
  }),
  fc.record({ kind: fc.constant("part-end" as const), choice }),
  fc.record({ kind: fc.constant("finish" as const), choice, reason: fc.constantFrom("stop", "length") }),
  fc.nat(9).map((output): ChatEvent => ({ kind: "usage", usage: tokenUsage(1, output) })),
  fc.constant<ChatEvent>({ kind: "ping" }),
);

const start: ChatEvent = { kind: "start", id: "", model: "" };

it("is well-formed whatever is heard: every block begun and ended once, one after the other, and one end", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
      const blocks = blocksOf(framesOf([start, ...events, { kind: "end" }]));
      const said = events.map((event) =>
        (event.kind === "text" || event.kind === "refusal") && event.choice === 0 ? event.text : "",
      );
      const heard = blocks.map((block) => (block.type === "text" ? block.text : ""));
      expect(heard.join("")).toBe(said.join(""));
    }),
  );
});

it("loses nothing of tools whose arguments come mixed", () => {
  const calls = fc.array(fc.array(fc.string({ maxLength: 4 }), { maxLength: 4 }), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(calls, fc.infiniteStream(fc.nat(3)), (pieces, order) => {
      const events: ChatEvent[] = pieces.map((_, tool) => ({
        kind: "tool-call",
        choice: 0,
        tool,
        id: `call_${tool}`,
        name: "a",
      }));
      const whole = pieces.map((list) => JSON.stringify({ said: list.join("") }));
      const left = whole.map((json) => json.match(/.{1,5}/gsu) ?? []);
      while (left.some((list) => list.length > 0)) {
        const tool = (order.next().value as number) % pieces.length;
        const piece = left[tool]?.shift();
        if (piece !== undefined) events.push({ kind: "tool-arguments", choice: 0, tool, text: piece });
      }
      const blocks = blocksOf(framesOf([start, ...events, { kind: "end" }]));
      expect(blocks.map((block) => block.text)).toEqual(whole);
    }),
  );
});

it("streams each of several calls as it comes, where each is whole before the next", () => {
  const writer = new MessageStream({ model: "m", callId: "c", time: 0, fields: {} });
  writer.write(start);
  writer.write({ kind: "tool-call", choice: 0, tool: 0, id: "call_0", name: "a" });
  writer.write({ kind: "tool-arguments", choice: 0, tool: 0, text: "{}" });
  const frames = writer.write({ kind: "tool-call", choice: 0, tool: 1, id: "call_1", name: "b" });
  expect(frames).toContain('"type":"content_block_stop","index":0');
  expect(frames).toContain('"id":"call_1"');
});
