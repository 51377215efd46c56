import OpenAI, { APIError, InternalServerError } from "openai";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { Behaviour } from "./behaviour.ts";
import { startFakeUpstream } from "./fake-upstream.ts";

const upstream = await startFakeUpstream();
afterAll(() => upstream.close());
beforeEach(() => {
  upstream.script = {};
  upstream.forget();
});

const client = new OpenAI({ baseURL: `${upstream.url}/v1`, apiKey: "sk-test", maxRetries: 0 });

/** What the official client makes of an answer, streamed and not. */
async function both(behaviour: Behaviour) {
  upstream.script = { default: behaviour };
  const request = { model: "m", input: "hello" };
  const whole = await client.responses.create(request);
  const streamed = await client.responses.stream(request).finalResponse();
  // What the client's own parser of structured outputs adds.
  const plain = JSON.parse(
    JSON.stringify(streamed, (key, value) =>
      ["parsed", "output_parsed", "parsed_arguments"].includes(key) ? undefined : value,
    ),
  );
  expect(plain).toEqual(JSON.parse(JSON.stringify(whole)));
  return whole;
}

describe("the official client reads the fake's responses, streamed the same as whole", () => {
  test("text and usage", async () => {
    const usageDetails = { cached: 2, cacheWrite: 3, reasoning: 1 };
    const response = await both({ text: "Grüße, 🌍 !", usageDetails });
    expect(response).toMatchObject({
      status: "completed",
      output_text: "Grüße, 🌍 !",
      usage: {
        input_tokens: 7,
        input_tokens_details: { cached_tokens: 2, cache_write_tokens: 3 },
        output_tokens: 3,
        output_tokens_details: { reasoning_tokens: 1 },
        total_tokens: 10,
      },
    });
  });

  test("reasoning and tool calls", async () => {
    const toolCalls = [
      { name: "weather", arguments: '{"city":"Rome"}' },
      { name: "clock", arguments: "{}" },
    ];
    const { output } = await both({ reasoning: "Let me see.", toolCalls });
    expect(output).toMatchObject([
      {
        type: "reasoning",
        summary: [{ type: "summary_text", text: "Let me see." }],
        encrypted_content: "sig_fake",
      },
      { type: "function_call", call_id: "call_0", name: "weather", arguments: '{"city":"Rome"}' },
      { type: "function_call", call_id: "call_1", name: "clock", arguments: "{}" },
    ]);
  });

  test.each([
    ["length", "max_output_tokens"],
    ["content-filter", "content_filter"],
  ] as const)("an answer that ends with %s is incomplete", async (finish, reason) => {
    const response = await both({ finish, frames: 2 });
    expect(response).toMatchObject({ status: "incomplete", incomplete_details: { reason } });
  });

  test("a refusal", async () => {
    const { output } = await both({ finish: "refusal", text: "I will not." });
    expect(output).toMatchObject([{ content: [{ type: "refusal", refusal: "I will not." }] }]);
  });

  test("no usage, another model, nothing said", async () => {
    const response = await both({ usage: false, model: "other", text: "" });
    expect(response).toMatchObject({ usage: null, model: "other", output_text: "" });
  });
});

test("errors are OpenAI's, before the stream and in it", async () => {
  upstream.script = { default: { error: { status: 503 } } };
  const request = { model: "m", input: "hello" };
  await expect(client.responses.create(request)).rejects.toThrow(InternalServerError);
  upstream.script = { default: { errorAtFrame: 4 } };
  const types: string[] = [];
  const reading = (async () => {
    for await (const event of await client.responses.create({ ...request, stream: true })) {
      types.push(event.type);
    }
  })();
  await expect(reading).rejects.toThrow(APIError);
  await expect(reading).rejects.toThrow("fake error in the stream");
  expect(types).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
  ]);
});
