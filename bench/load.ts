import { connect, type Socket } from "node:net";
import type { AskedOf } from "./answers.ts";
import { type Answered, ResponseReader } from "./response-reader.ts";

/** What to ask, and whom. */
export interface Question extends AskedOf {
  readonly stream: boolean;
}

/** How much load, and when it is enough: whichever of the two ends comes first. */
export interface Amount {
  readonly connections: number;
  readonly requests: number;
  readonly seconds: number;
}

/** What an answer has to be. */
export type Expected = Answered;

/** What came of it. Times in milliseconds. */
export interface Load {
  readonly requests: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** From asking to the first byte of the body, the middle; NaN of anything but streams. */
  readonly firstByte: number;
  readonly framesIn: number;
  /** What was not as expected, the first few. */
  readonly wrong: readonly string[];
}

/** The body of a question. */
export function questionBody({ model, stream }: Pick<Question, "model" | "stream">): string {
  return JSON.stringify({
    model,
    messages: [
      { role: "system", content: "You are a helpful assistant that answers in one short paragraph." },
      { role: "user", content: "What is a gateway, and why would anybody put one before a model?" },
    ],
    temperature: 0.2,
    max_tokens: 256,
    ...(stream ? { stream } : {}),
  });
}

/** The headers of a question. */
export function questionHeaders({ headers }: AskedOf): { readonly [name: string]: string } {
  return {
    ...headers,
    "content-type": "application/json",
    accept: "application/json",
    "user-agent": "gatewright-bench",
  };
}

/** The request in bytes. */
export function questionBytes(question: Question, body = questionBody(question)): Buffer {
  return Buffer.from(
    [
      "POST /v1/chat/completions HTTP/1.1",
      `host: 127.0.0.1:${question.port}`,
      ...Object.entries(questionHeaders(question)).map(([name, value]) => `${name}: ${value}`),
      `content-length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n"),
  );
}

const TOLD = 5;

/**
 * Asks the same question over `connections` kept connections, each time as soon as the answer is there, and looks at
 * every answer. Rejects when a connection cannot be made or breaks.
 */
export async function load(question: Question, amount: Amount, expected: Expected): Promise<Load> {
  const bytes = questionBytes(question);
  const latencies = new Float64Array(amount.requests);
  const firstBytes = new Float64Array(amount.requests);
  const wrong: string[] = [];
  let asked = 0;
  let answered = 0;
  let streams = 0;
  let framesIn = 0;
  const sockets = await Promise.all(
    Array.from({ length: amount.connections }, async () => connected(question.port)),
  );
  const startedAt = performance.now();
  const until = startedAt + amount.seconds * 1000;
  let now = startedAt;

  const run = async (socket: Socket): Promise<void> =>
    new Promise((resolve, reject) => {
      let askedAt = 0;
      const ask = (): void => {
        if (asked >= amount.requests || now > until) {
          socket.removeAllListeners("close");
          socket.destroy();
          return resolve();
        }
        asked++;
        askedAt = performance.now();
        socket.write(bytes);
      };
      const begun = (): void => {
        if (question.stream) firstBytes[streams++] = performance.now() - askedAt;
      };
      const reader = new ResponseReader((answer) => {
        now = performance.now();
        latencies[answered++] = now - askedAt;
        framesIn += answer.frames;
        if (
          (answer.status !== expected.status ||
            answer.length !== expected.length ||
            answer.frames !== expected.frames) &&
          wrong.length < TOLD
        ) {
          wrong.push(`got ${describe(answer)}, expected ${describe(expected)}`);
        }
        ask();
      }, begun);
      socket.on("data", (chunk) => {
        try {
          reader.feed(chunk);
        } catch (error) {
          reject(error);
        }
      });
      socket.on("error", reject);
      socket.on("close", () => reject(new Error(`the connection to port ${question.port} was closed`)));
      ask();
    });
  try {
    await Promise.all(sockets.map(run));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  const seconds = (now - startedAt) / 1000;
  const sorted = latencies.subarray(0, answered).sort();
  return {
    requests: answered,
    seconds,
    perSecond: answered / seconds,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    firstByte: quantile(firstBytes.subarray(0, streams).sort(), 0.5),
    framesIn,
    wrong,
  };
}

function describe({ status, length, frames }: Answered): string {
  return `status ${status} with ${length} bytes and ${frames} frames`;
}

/** A connection to a port of this machine. */
export async function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
