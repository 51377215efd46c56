import process from "node:process";
import type { Contestant } from "./contestant.ts";
import { connected, questionBytes } from "./load.ts";
import { ResponseReader } from "./response-reader.ts";

/** What is sent beside small streams. */
export const burdens = ["nothing", "10 MB body", "100 K tokens"] as const;

export type Burden = (typeof burdens)[number];

/** How long the latest frame of all small streams was under way, milliseconds. */
export interface Stall {
  readonly contestant: string;
  readonly burden: Burden;
  readonly round: number;
  readonly latest: number;
  /** Frames that came; with those the upstream sent, a check. */
  readonly wrong: readonly string[];
}

const STREAMS = 5;
/** As many as the upstream sends to the user "paced", in about 600 ms, and `[DONE]`. */
const FRAMES = 121;
/** When the streams are under way. */
const BEFORE_MILLISECONDS = 150;

/** Some small streams, and in the midst of them one large request. */
export async function stall(contestant: Contestant, burden: Burden, round: number): Promise<Stall> {
  const wrong: string[] = [];
  // Made beforehand: ten million characters hold this process up as well.
  const large = burden === "nothing" ? undefined : largeRequest(contestant, burden);
  const lateness = Array.from({ length: STREAMS }, async () => paced(contestant, wrong));
  await new Promise((resolve) => setTimeout(resolve, BEFORE_MILLISECONDS));
  if (large !== undefined) {
    const status = await statusOf(contestant.port, large);
    if (status !== 200) wrong.push(`the ${burden}: status ${status}`);
  }
  const latest = Math.max(...(await Promise.all(lateness)));
  return { contestant: contestant.name, burden, round, latest, wrong };
}

/** Reads one stream whose frames say when they left. Resolves with how late the latest of them was. */
async function paced(contestant: Contestant, wrong: string[]): Promise<number> {
  const body = JSON.stringify({
    model: contestant.model,
    user: "paced",
    messages: [{ role: "user", content: "slowly" }],
    stream: true,
  });
  const socket = await connected(contestant.port);
  let latest = 0;
  await new Promise<void>((resolve, reject) => {
    const reader = new ResponseReader(({ status, frames }) => {
      if (status !== 200 || frames !== FRAMES)
        wrong.push(`a paced stream: status ${status}, ${frames} frames`);
      resolve();
    });
    socket.on("data", (chunk) => {
      const now = Number(process.hrtime.bigint() / 1000n);
      for (const [, left] of chunk.toString("latin1").matchAll(/"content":"(\d+)"/g)) {
        latest = Math.max(latest, (now - Number(left)) / 1000);
      }
      reader.feed(chunk);
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`${contestant.name} closed a paced stream`)));
    socket.write(questionBytes({ ...contestant, stream: true }, body));
  });
  socket.removeAllListeners("close");
  socket.destroy();
  return latest;
}

function largeRequest(contestant: Contestant, burden: Burden): Buffer {
  const messages = burden === "10 MB body" ? picture : prompt;
  const body = `{"model":${JSON.stringify(contestant.model)},"messages":${messages}}`;
  return questionBytes({ ...contestant, stream: false }, body);
}

/** Sends a request. Resolves with the status; 0 when the connection is closed without one. */
async function statusOf(port: number, request: Buffer): Promise<number> {
  const socket = await connected(port);
  const status = await new Promise<number>((resolve, reject) => {
    const reader = new ResponseReader((answer) => resolve(answer.status));
    socket.on("data", (chunk) => reader.feed(chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(0));
    socket.write(request);
  });
  socket.destroy();
  return status;
}

/** A body of 10^7 bytes, nearly all of it one picture. */
const picture = JSON.stringify([
  {
    role: "user",
    content: [
      { type: "text", text: "What is in this picture?" },
      {
        type: "image_url",
        image_url: { url: `data:image/png;base64,${"iVBORw0KGgoAAAAN".repeat(624_980)}` },
      },
    ],
  },
]);

/** A conversation of about 100,000 tokens: words, quotes, line ends. */
const prompt = JSON.stringify(
  Array.from({ length: 200 }, (_, turn) => ({
    role: turn % 2 === 0 ? "user" : "assistant",
    content: 'The gateway said "yes", and the model answered in 17 lines of text.\n'.repeat(29),
  })),
);
