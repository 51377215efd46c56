import { connect } from "node:net";
import { readStream, startFakeUpstream, temporaryFolder, waitFor } from "@gatewright/testkit";
import { expect, test } from "vitest";
import { metric, readiness, serve } from "./bundle.ts";

const config = (url: string): string =>
  `model_list:\n  - {model_name: chat, litellm_params: {model: openai/m, api_base: "${url}/v1"}}\n`;

async function stream(url: string, model = "chat"): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }], stream: true }),
  });
}

test("SIGTERM: not ready any more, open streams end well, then it exits with 0", async () => {
  await using upstream = await startFakeUpstream({ script: { default: { frames: 100, interval: 50 } } });
  await using folder = await temporaryFolder();
  await using gateway = await serve(folder, config(upstream.url), { args: ["--drain-seconds", "3600"] });
  const open = await Promise.all(Array.from({ length: 50 }, async () => stream(gateway.url)));
  const reading = open.map(async (response) => readStream(response.body ?? new ReadableStream()));
  expect(await readiness(gateway.url)).toMatchObject({ status: 200 });

  gateway.process.signal("SIGTERM");
  await waitFor("readiness 503", async () => (await readiness(gateway.url)).status === 503);
  expect(upstream.stats.openStreams).toBe(50);
  // Whoever is impatient says it twice; streams are not cut for that.
  gateway.process.signal("SIGTERM");
  // Who has not heard of it yet is still served, and told to come back on another connection.
  const late = await stream(gateway.url);
  expect(late.status).toBe(200);
  expect(late.headers.get("connection")).toBe("close");
  expect((await fetch(`${gateway.url}/health/liveliness`)).status).toBe(200);
  // A new configuration still counts: the drain may take an hour.
  await folder.write("config.yaml", config(upstream.url).replaceAll("chat", "talk"));
  const talk = await waitFor("the new model", async () => {
    const response = await stream(gateway.url, "talk");
    return response.status === 200 ? response : undefined;
  });

  // Also the last one: an answer that nobody reads is given up by the client as soon as its memory is collected.
  const rest = [late, talk].map(async (response) => readStream(response.body ?? new ReadableStream()));
  const read = await Promise.all([...reading, ...rest]);
  for (const one of read) {
    expect(one.broken).toBeUndefined();
    expect(one.done).toBe(true);
    expect(one.frames).toHaveLength(101);
  }
  expect(await gateway.process.exited).toEqual({ code: 0, signal: null });
  expect(upstream.stats.aborted).toBe(0);
});

test("an idle gateway with kept connections exits at once", async () => {
  await using upstream = await startFakeUpstream();
  await using folder = await temporaryFolder();
  await using gateway = await serve(folder, config(upstream.url));
  // The client keeps the connections of these answers open.
  await Promise.all(Array.from({ length: 5 }, async () => (await stream(gateway.url)).text()));
  expect(await metric(gateway.url, "litellm_in_flight_requests")).toBe(0);
  gateway.process.signal("SIGTERM");
  expect(await gateway.process.exited).toEqual({ code: 0, signal: null });
});

test("connections that nobody uses are closed while a stream goes on", async () => {
  await using upstream = await startFakeUpstream({ script: { default: { stallAtFrame: 1 } } });
  await using folder = await temporaryFolder();
  await using gateway = await serve(folder, config(upstream.url), { args: ["--drain-seconds", "3600"] });
  const idle = connect(gateway.port, "127.0.0.1");
  const answered = new Promise((resolve) => idle.once("data", resolve));
  const closed = new Promise((resolve) => idle.once("close", resolve));
  idle.write("GET /health/liveness HTTP/1.1\r\nhost: a\r\n\r\n");
  await answered;
  const open = await stream(gateway.url);
  const reading = readStream(open.body ?? new ReadableStream());
  gateway.process.signal("SIGTERM");
  await closed;
  expect((await readiness(gateway.url)).status).toBe(503);
  expect(upstream.stats.openStreams).toBe(1);
  gateway.process.signal("SIGINT");
  expect((await reading).done).toBe(false);
  expect(await gateway.process.exited).toEqual({ code: 1, signal: null });
});

test("a stream beyond the drain limit is ended", async () => {
  await using upstream = await startFakeUpstream({ script: { default: { stallAtFrame: 1 } } });
  await using folder = await temporaryFolder();
  await using gateway = await serve(folder, config(upstream.url), { args: ["--drain-seconds", "1"] });
  const open = await stream(gateway.url);
  const reading = readStream(open.body ?? new ReadableStream());
  await waitFor("the stream", () => upstream.stats.frames === 1);

  gateway.process.signal("SIGTERM");
  const { done, frames } = await reading;
  expect(done).toBe(false);
  expect(frames).toHaveLength(1);
  expect(await gateway.process.exited).toEqual({ code: 0, signal: null });
  expect(gateway.process.stderr).toContain("requests cut off");
  await waitFor("the abort", () => upstream.requests[0]?.state === "aborted");
});

test("a second Ctrl-C does not wait for streams", async () => {
  await using upstream = await startFakeUpstream({ script: { default: { stallAtFrame: 1 } } });
  await using folder = await temporaryFolder();
  await using gateway = await serve(folder, config(upstream.url));
  const open = await stream(gateway.url);
  const reading = readStream(open.body ?? new ReadableStream());
  gateway.process.signal("SIGINT");
  await waitFor("readiness 503", async () => (await readiness(gateway.url)).status === 503);
  gateway.process.signal("SIGINT");
  expect(await gateway.process.exited).toEqual({ code: 1, signal: null });
  expect((await reading).done).toBe(false);
});
