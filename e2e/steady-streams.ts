import { request } from "node:http";

/** What a client saw of one stream. */
export interface SteadyStream {
  readonly name: string;
  /** Numbers of its frames in the order in which they came; -1 for a frame of another stream. */
  readonly numbers: readonly number[];
  readonly done: boolean;
  /** The longest wait between two frames, milliseconds. */
  readonly longestGap: number;
}

/** Opens `count` streams of the steady upstream at once, each on a connection of its own, and reads them to their ends. */
export async function readSteadyStreams(
  port: number,
  { count, model, key }: { readonly count: number; readonly model: string; readonly key: string },
): Promise<readonly SteadyStream[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => readOne(port, `stream-${index}`, { model, key })),
  );
}

async function readOne(
  port: number,
  name: string,
  { model, key }: { readonly model: string; readonly key: string },
): Promise<SteadyStream> {
  const body = JSON.stringify({
    model,
    user: name,
    messages: [{ role: "user", content: "hi" }],
    stream: true,
  });
  const numbers: number[] = [];
  let done = false;
  let longestGap = 0;
  let lastAt = 0;
  const frame = (data: string): void => {
    if (data === "[DONE]") {
      done = true;
      return;
    }
    const now = performance.now();
    if (lastAt > 0) longestGap = Math.max(longestGap, now - lastAt);
    lastAt = now;
    const own = data.includes(`"id":"${name}"`) && !done;
    numbers.push(own ? Number(/"content":"(\d+)"/.exec(data)?.[1]) : -1);
  };
  await new Promise<void>((resolve, reject) => {
    const asking = request({
      host: "127.0.0.1",
      port,
      agent: false,
      method: "POST",
      path: "/v1/chat/completions",
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        "content-length": body.length,
      },
    });
    asking.on("error", reject);
    asking.on("response", (response) => {
      let held = "";
      response.setEncoding("latin1");
      response.on("data", (text: string) => {
        const events = (held + text).split("\n\n");
        held = events.pop() ?? "";
        for (const event of events) frame(event.replace(/^data: /, ""));
      });
      response.on("error", reject);
      response.on("end", () => (held === "" ? resolve() : reject(new Error(`${name} ended with ${held}`))));
    });
    asking.end(body);
  });
  return { name, numbers, done, longestGap };
}
