import { afterAll, afterEach, describe, expect, it } from "vitest";
import { exampleGateways } from "../example-gateways.ts";
import { startFakeUpstream } from "../fake-upstream/fake-upstream.ts";
import { startTokenServer } from "../token-server.ts";
import { ask } from "./client.ts";
import { gridCells, modelOf } from "./grid.ts";

const upstream = await startFakeUpstream();
const tokens = await startTokenServer();
const gateways = exampleGateways(upstream);
afterEach(async () => gateways.end());
afterAll(async () => Promise.all([upstream.close(), tokens.close()]));

const cells = gridCells.flatMap((cell) =>
  (cell.api === "embedding" ? [false] : [false, true]).map((stream) => ({
    ...cell,
    stream,
    name: `${cell.api} over ${cell.setup.wire}${stream ? ", streamed" : ""}`,
  })),
);
const refused = cells.filter(({ service }) => typeof service === "object");
const served = cells.filter(({ service }) => typeof service === "string");

/** Two bytes, three bytes, four bytes, and what JSON escapes. */
const text = 'Grüße: "≥ 1 \\ 🚪"\nund Tschüß.';
const toolCalls = [
  { name: "look_up", arguments: '{"topic":"Grüße 🚪"}' },
  { name: "look_up", arguments: '{"topic":"b"}' },
];

describe("the grid", () => {
  it.each(served)("$name: text and usage as the upstream has them", async (cell) => {
    const { url, model } = await startWith(cell);
    upstream.script = { default: { text } };
    const heard = await ask(cell.api, { url, model, stream: cell.stream, prompt: "hi" });
    if (cell.api === "embedding") {
      expect(JSON.parse(heard.text)).toEqual([[expect.any(Number), expect.any(Number), expect.any(Number)]]);
      return;
    }
    expect(heard.text).toBe(text);
    expect([heard.input, heard.output]).toEqual([7, text.match(/\S+\s*|\s+/g)?.length]);
  });

  it.each(served.filter(({ api }) => api !== "embedding" && api !== "completion"))(
    "$name: tools called side by side",
    async (cell) => {
      const { url, model } = await startWith(cell);
      upstream.script = { default: { toolCalls } };
      const heard = await ask(cell.api, { url, model, stream: cell.stream, prompt: "hi", tool: true });
      expect(heard.tools.map(({ name, input }) => ({ name, input }))).toEqual(
        toolCalls.map((call) => ({ name: call.name, input: JSON.parse(call.arguments) as unknown })),
      );
      expect(new Set(heard.tools.map(({ id }) => id)).size).toBe(2);
    },
  );

  it.each(refused)("$name: refused, with the reason", async (cell) => {
    const { url, model } = await startWith(cell);
    const { refused: reason } = cell.service as { readonly refused: string };
    await expect(ask(cell.api, { url, model, stream: cell.stream, prompt: "hi" })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(reason),
    });
    expect(upstream.requests).toEqual([]);
  });

  it("refuses only what an upstream does not have", () => {
    const names = refused.map(({ api, setup }) => `${api} over ${setup.wire}`);
    expect([...new Set(names)]).toEqual(["embedding over anthropic"]);
  });
});

async function startWith(
  cell: (typeof cells)[number],
): Promise<{ readonly url: string; readonly model: string }> {
  const { gateway } = await gateways.start(
    {
      model_list: [
        {
          model_name: "m",
          litellm_params: { model: modelOf(cell), ...cell.setup.params(upstream.url) },
        },
      ],
      router_settings: { num_retries: 0 },
    },
    { ACCOUNT: tokens.account },
  );
  return { url: gateway.url, model: "m" };
}
