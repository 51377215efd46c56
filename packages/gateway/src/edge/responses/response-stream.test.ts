import type { ChatEvent } from "@gatewright/call";
import { apiError } from "@gatewright/litellm";
import { describe, expect, test } from "vitest";
import type { AnswerContext } from "../client-api.ts";
import { eventsIn } from "./example-events.ts";
import { responsesApi } from "./responses-api.ts";

const context: AnswerContext = {
  model: "claude",
  callId: "0b8c5a9e-0000-4000-8000-00000000002a",
  time: 1_700_000_000_999,
  fields: { model: "claude", input: "hello", temperature: 0.5 },
};

function stream(events: readonly ChatEvent[]): string {
  const writer = responsesApi.writeStream(context);
  return events.map((event) => writer.write(event)).join("");
}

test("the events of a text, a call and their ends", () => {
  const frames = stream([
    { kind: "start", id: "msg_1", model: "claude-9" },
    { kind: "reasoning", choice: 0, text: "Hm" },
    { kind: "reasoning-signature", choice: 0, signature: "sig" },
    { kind: "text", choice: 0, text: "It is " },
    { kind: "text", choice: 0, text: "hot" },
    {
      kind: "citation",
      choice: 0,
      citation: { wire: "anthropic", value: {}, url: "https://a.example/" },
    },
    { kind: "tool-call", choice: 0, tool: 0, id: "toolu_1", name: "clock" },
    { kind: "part-end", choice: 0 },
    { kind: "finish", choice: 0, reason: "tool-calls" },
    { kind: "end" },
  ]);
  const events = eventsIn(frames);
  expect(events.map(({ type }) => type.replace("response.", ""))).toEqual([
    "created",
    "in_progress",
    "output_item.added",
    "reasoning_summary_part.added",
    "reasoning_summary_text.delta",
    "reasoning_summary_text.done",
    "reasoning_summary_part.done",
    "output_item.done",
    "output_item.added",
    "content_part.added",
    "output_text.delta",
    "output_text.delta",
    "output_text.annotation.added",
    "output_text.done",
    "content_part.done",
    "output_item.done",
    "output_item.added",
    // Clients parse arguments: those of a tool that takes none are not the empty text.
    "function_call_arguments.delta",
    "function_call_arguments.done",
    "output_item.done",
    "completed",
  ]);
  expect(frames).toContain(
    'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":11,"item_id":"msg_0b8c5a9e00004000800000000000002a_1","output_index":1,"content_index":0,"delta":"hot","logprobs":[]}\n\n',
  );
  expect(events[12]).toMatchObject({
    annotation_index: 0,
    annotation: {
      type: "url_citation",
      start_index: 0,
      end_index: 9,
      url: "https://a.example/",
      title: "https://a.example/",
    },
  });
  expect(events.at(-1)?.["response"]).toMatchObject({
    model: "claude",
    output: [
      { id: "rs_0b8c5a9e00004000800000000000002a_0", encrypted_content: "gatewright:1:signature:sig" },
      { status: "completed", content: [{ text: "It is hot" }] },
      { call_id: "toolu_1", arguments: "{}" },
    ],
  });
});

test("logprobs of chat completions go out with their deltas, and all together at the end", () => {
  const token = (text: string) => ({ token: text, logprob: -1, bytes: [97], top_logprobs: [] });
  const say = (text: string): ChatEvent => ({
    kind: "text",
    choice: 0,
    text,
    logprobs: { content: [token(text)], refusal: null },
  });
  const events = eventsIn(
    stream([
      { kind: "start", id: "", model: "" },
      say("a"),
      say("b"),
      { kind: "finish", choice: 0, reason: "stop" },
      { kind: "end" },
    ]),
  );
  const of = (type: string) =>
    events.filter((event) => event.type === type).map((event) => event["logprobs"]);
  expect(of("response.output_text.delta")).toEqual([[token("a")], [token("b")]]);
  expect(of("response.output_text.done")).toEqual([[token("a"), token("b")]]);
});

describe("an answer that breaks off", () => {
  test("ends with the error event, in the reference's form and in the one OpenAI sends", () => {
    const writer = responsesApi.writeStream(context);
    const frames =
      writer.write({ kind: "start", id: "", model: "" }) +
      writer.write({ kind: "text", choice: 0, text: "half" }) +
      writer.fail(apiError("internal", {}));
    const last = eventsIn(frames).at(-1);
    expect(last).toEqual({
      type: "error",
      sequence_number: 5,
      code: "500",
      message: expect.stringContaining("Internal server error"),
      param: "None",
      error: {
        type: "internal_server_error",
        code: "500",
        message: expect.stringContaining("Internal server error"),
        param: "None",
      },
    });
  });

  test("of an upstream that is alive, comments go out that are no events", () => {
    const writer = responsesApi.writeStream(context);
    expect(writer.write({ kind: "ping" })).toBe(": ping\n\n");
  });
});
