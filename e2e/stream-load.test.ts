import { connect, createServer, type Socket } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  freePort,
  readStream,
  startFakeUpstream,
  startProcess,
  temporaryFolder,
  waitFor,
  within,
} from "@gatewright/testkit";
import { describe, expect, test } from "vitest";
import { residentMegabytes } from "../bench/process-figures.ts";
import { metric, serve } from "./bundle.ts";
import { readSteadyStreams, type SteadyStream } from "./steady-streams.ts";

const KEY = "sk-stream-load";
const config = (upstream: string): string => `
model_list:
  - {model_name: chat, litellm_params: {model: openai/m, api_base: "${upstream}/v1", api_key: upstream-key}}
  - {model_name: m, litellm_params: {model: openai/m, api_base: "${upstream}/v1", api_key: upstream-key}}
general_settings: {master_key: ${KEY}}
`;

describe("a thousand streams at once, a frame each every 20 ms", () => {
  const STREAMS = 1000;
  const FRAMES = 100;
  /** How much longer the longest wait may be than in the direct call. A frame that is held up for another one's sake shows. */
  const LONGER = 10;
  /** Whatever else the machine does at one time, it does not do at three. */
  const TRIES = 3;

  test("each gets its own frames, all of them, once and in order, and none waits for the others", async () => {
    const port = await freePort();
    await using upstream = startProcess(
      process.execPath,
      [fileURLToPath(new URL("steady-upstream.ts", import.meta.url))],
      {
        name: "steady upstream",
        environment: {
          PORT: String(port),
          STREAMS: String(STREAMS),
          FRAMES: String(FRAMES),
          INTERVAL: "20",
        },
      },
    );
    await upstream.line(/steady/);
    await using folder = await temporaryFolder();
    await using gateway = await serve(folder, config(`http://127.0.0.1:${port}`));
    const read = async (of: number): Promise<readonly SteadyStream[]> => {
      const asked = { count: STREAMS, model: of === port ? "m" : "chat", key: KEY };
      return within("the end of all streams", readSteadyStreams(of, asked), { capMilliseconds: 90_000 });
    };
    const wanted = Array.from({ length: FRAMES }, (_, number) => number);
    const longest = (streams: readonly SteadyStream[]): number =>
      Math.max(...streams.map(({ longestGap }) => longestGap));
    const ratios: number[] = [];
    while (ratios.length < TRIES && !ratios.some((ratio) => ratio <= LONGER)) {
      const direct = await read(port);
      const through = await read(gateway.port);
      for (const { name, numbers, done } of [...direct, ...through]) {
        expect({ name, numbers, done }).toEqual({ name, numbers: wanted, done: true });
      }
      ratios.push(longest(through) / longest(direct));
    }
    expect(
      Math.min(...ratios),
      `longest wait, of the direct call's: ${ratios.join(", ")}`,
    ).toBeLessThanOrEqual(LONGER);
    await waitFor(
      "the end inside",
      async () => (await metric(gateway.url, "litellm_in_flight_requests")) === 0,
    );
    expect(gateway.process.stderr).not.toContain("defect in the gateway");
  }, 600_000);
});

describe("clients that read nothing of long streams", () => {
  const READERS = 40;
  const FRAME = 100_000;
  const FRAMES = 600; // 60 MB each
  /** What one may cost, beside what the machine's kernel holds. */
  const MEGABYTES_EACH = 2;

  test(`cost the gateway less than ${MEGABYTES_EACH} MB each`, async () => {
    await using upstream = await startFakeUpstream({
      script: { default: { frames: FRAMES, padding: FRAME } },
    });
    await using folder = await temporaryFolder();
    await using gateway = await serve(folder, config(upstream.url));
    const resident = (): number => residentMegabytes(gateway.process.pid)?.now ?? 0;
    // A stream that is read shows what carrying so many bytes costs by itself.
    const sockets = new Set<Socket>();
    await within("a stream that is read", drain(gateway.port, sockets), { capMilliseconds: 60_000 });
    const before = resident();
    for (let reader = 0; reader < READERS; reader++) ask(gateway.port, sockets).pause();
    let looks = { frames: 0, same: 0 };
    await waitFor(
      "the upstream to be held back",
      () => {
        const { frames, openStreams } = upstream.stats;
        looks = { frames, same: frames === looks.frames && openStreams === READERS ? looks.same + 1 : 0 };
        return looks.same > 50;
      },
      { capMilliseconds: 60_000 },
    );
    expect(looks.frames).toBeLessThan((READERS * FRAMES) / 2);
    expect(resident() - before).toBeLessThan(READERS * MEGABYTES_EACH);
    for (const socket of sockets) socket.destroy();
    await waitFor("the upstream to be let go", () => upstream.stats.openStreams === 0);
  }, 180_000);

  function ask(port: number, sockets: Set<Socket>): Socket {
    const body = JSON.stringify({ model: "chat", messages: [{ role: "user", content: "hi" }], stream: true });
    const socket = connect(port, "127.0.0.1");
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${KEY}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    return socket;
  }

  async function drain(port: number, sockets: Set<Socket>): Promise<void> {
    const socket = ask(port, sockets);
    await new Promise((resolve) => socket.resume().once("close", resolve));
  }
});

describe("an upstream that is cut in a stream of twelve frames", () => {
  const FRAMES = 12;
  const frameOf = (number: number, model: string): string => {
    const choice = { index: 0, delta: { content: ` ${number}` } };
    return JSON.stringify({ id: "chatcmpl-cut", model, choices: [choice] });
  };
  const framesOf = (model: string): readonly string[] =>
    Array.from({ length: FRAMES }, (_, number) => frameOf(number, model));
  const wire = framesOf("m").map((frame) => `data: ${frame}\n\n`);
  const whole = wire.join("");
  /** Where in the bytes each frame is complete. */
  const ends = wire.map((_, number) => wire.slice(0, number + 1).join("").length);

  /** Sends the first bytes of the stream, as many as the user of the request says, and cuts the connection. */
  async function cutting(): Promise<{ readonly url: string } & AsyncDisposable> {
    const server = createServer((socket) => {
      let text = "";
      socket.on("error", () => socket.destroy());
      socket.on("data", (bytes) => {
        text += bytes.toString("latin1");
        const length = /"user":"(\d+)"/.exec(text)?.[1];
        if (length === undefined) return;
        const sent = whole.slice(0, Number(length));
        socket.write(
          "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
        );
        socket.end(sent === "" ? "" : `${sent.length.toString(16)}\r\n${sent}\r\n`);
      });
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return {
      url: `http://127.0.0.1:${port}`,
      [Symbol.asyncDispose]: async () => void server.close(),
    };
  }

  /** What is wrong with what a client sees of streams that are cut after so many bytes. */
  async function wrongAt(places: readonly number[], model: string): Promise<readonly string[]> {
    await using upstream = await cutting();
    await using folder = await temporaryFolder();
    await using gateway = await serve(folder, config(upstream.url));
    const wrong: string[] = [];
    for (const place of places) {
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${KEY}` },
        body: JSON.stringify({
          model,
          user: String(place),
          messages: [{ role: "user", content: "hi" }],
          stream: true,
        }),
      });
      const { frames, done, broken } = await readStream(response.body ?? new ReadableStream());
      const complete = ends.filter((end) => end <= place).length;
      // Nothing was said yet: an error like any other.
      if (complete === 0 && response.status === 500) continue;
      const own =
        JSON.stringify(frames.slice(0, complete)) === JSON.stringify(framesOf(model).slice(0, complete));
      const rest = frames.slice(complete);
      const error = rest.length === 1 && rest[0]?.startsWith('{"error":{') === true;
      if (own && !done && (error || (rest.length === 0 && broken !== undefined))) continue;
      wrong.push(
        `${model}, cut after ${place} bytes: ${rest.join(" | ").slice(0, 300)}, ${broken?.message ?? "no cut"}`,
      );
    }
    return wrong;
  }

  // Under its own name a stream is passed through, under another it is written anew.
  test.each(["m", "chat"])(
    "after any frame of %s: these frames, then an error, never a good end",
    async (model) => {
      expect(await wrongAt([0, ...ends], model)).toEqual([]);
    },
  );

  test.each(["m", "chat"])("inside any frame of %s: the same, and nothing of the frame", async (model) => {
    const inside = ends.flatMap((end) => [end - 60, end - 20, end - 1]);
    expect(await wrongAt(inside, model)).toEqual([]);
  });
});
