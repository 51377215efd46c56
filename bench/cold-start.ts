import { connect } from "node:net";
import { freePort } from "@gatewright/testkit";
import { bare } from "./entrant.ts";
import { questionBytes } from "./load.ts";
import { median } from "./median.ts";
import { start } from "./program.ts";

/** Milliseconds from starting the bundle to its first answered chat (of a mocked model): the median of some starts. */
export async function coldStartMilliseconds(starts: number): Promise<{ median: number; all: number[] }> {
  const all: number[] = [];
  for (let number = 0; number < starts; number++) all.push(await once());
  return { median: median(all), all };
}

const LONGEST_MILLISECONDS = 20_000;

async function once(): Promise<number> {
  const port = await freePort();
  const gatewright = bare("http://127.0.0.1:9");
  const question = questionBytes({ ...gatewright, port, model: "bench-mock", stream: false });
  const program = await gatewright.program(port);
  const startedAt = performance.now();
  await using gateway = start(program);
  let ended = false;
  void gateway.exited.then(() => {
    ended = true;
  });
  for (;;) {
    const status = await ask(port, question);
    const passed = performance.now() - startedAt;
    if (status === "200") return passed;
    if (status !== undefined) throw new Error(`cold start: the first answer has status ${status}`);
    if (ended) throw new Error("cold start: the gateway ended before it answered");
    if (passed > LONGEST_MILLISECONDS) throw new Error("cold start: no answer within 20 s");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The status of the answer; undefined while nobody listens. */
async function ask(port: number, question: Buffer): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const end = (status: string | undefined): void => {
      socket.destroy();
      resolve(status);
    };
    socket.on("error", () => end(undefined));
    socket.on("close", () => end(undefined));
    socket.on("connect", () => socket.write(question));
    socket.on("data", (bytes) => end(bytes.toString("latin1", 9, 12)));
  });
}
