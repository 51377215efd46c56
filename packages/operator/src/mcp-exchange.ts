import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import process from "node:process";
import type { Reach } from "./gateway-digests.ts";

/** Where an MCP server is asked, and under which name. */
export interface McpServer {
  /** Where connections go: never anywhere else, whatever the server answers. */
  readonly at: ReturnType<Reach>;
  /** `Host` of the requests, with the port: servers may refuse names they do not know. */
  readonly host: string;
  /** Path of the endpoint, with a leading slash. */
  readonly path: string;
}

/** The answer to one message. */
export interface McpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The JSON-RPC message with the wanted id; absent without one, or when the status is not 200. */
  readonly message?: { readonly [member: string]: unknown };
}

/** Why an exchange came to nothing, as the second half of a sentence about the server. */
export class McpTrouble extends Error {
  readonly code = "McpTrouble";
  /**
   * `unreachable`: there was no whole answer; `refused`: it answered, and does not do what it was asked to do, so another
   * revision of the protocol may do.
   */
  readonly kind: "unreachable" | "refused" | "other";

  constructor(kind: McpTrouble["kind"], text: string) {
    super(text);
    this.name = "McpTrouble";
    this.kind = kind;
  }
}

/** Bytes one answer may have. */
const mostAnswerBytes = 4 * 1024 * 1024;

// Not `fetch`, and no import statement: see gateway-digests.ts.
const { request } = process.getBuiltinModule("node:http");

/**
 * Sends one message by streamable HTTP and reads the answer, whether JSON or a stream of events. With `id`, the message
 * with that id is waited for, and what else comes on the stream is passed over.
 * @throws McpTrouble, also when the signal aborts.
 */
export async function exchange(
  server: McpServer,
  send: {
    readonly method: "POST" | "DELETE";
    readonly headers: { readonly [name: string]: string };
    readonly body?: object;
    readonly id?: number;
  },
  signal: AbortSignal,
): Promise<McpAnswer> {
  const body = send.body === undefined ? "" : JSON.stringify(send.body);
  const headers = {
    host: server.host,
    accept: "application/json, text/event-stream",
    "content-length": String(Buffer.byteLength(body)),
    ...(body === "" ? {} : { "content-type": "application/json" }),
    ...send.headers,
  };
  const options = { ...server.at, path: server.path, method: send.method, headers, agent: false, signal };
  return new Promise<McpAnswer>((resolve, reject) => {
    const failed = (error: Error): void => {
      reject(
        signal.aborted || error instanceof McpTrouble
          ? error
          : new McpTrouble("unreachable", `cannot be reached: ${error.message}`),
      );
    };
    const asking = request(options, (answer) => {
      const settle = (found: McpAnswer | McpTrouble): void => {
        if (found instanceof McpTrouble) reject(found);
        else resolve(found);
        // A stream may stay open for good, and of anything else there is nothing left to read.
        asking.destroy();
      };
      answer.on("error", failed);
      readAnswer(answer, send.id, settle);
    });
    asking.on("error", failed);
    // A server that takes its time does not keep a process that wants to end.
    asking.on("socket", (socket) => socket.unref());
    asking.end(body);
  });
}

function readAnswer(
  answer: IncomingMessage,
  id: number | undefined,
  settle: (found: McpAnswer | McpTrouble) => void,
): void {
  const { statusCode: status = 0, headers } = answer;
  if (status !== 200 || id === undefined) {
    settle({ status, headers });
    return;
  }
  const events = /^text\/event-stream\b/iu.test(headers["content-type"] ?? "");
  let text = "";
  let bytes = 0;
  const nothing = new McpTrouble("refused", "answers with something that is no message of MCP");
  const take = (data: string): boolean => {
    const message = messageWith(id, data);
    if (message !== undefined) settle({ status, headers, message });
    return message !== undefined;
  };
  answer.setEncoding("utf8");
  answer.on("data", (part: string) => {
    bytes += Buffer.byteLength(part);
    if (bytes > mostAnswerBytes) {
      settle(new McpTrouble("other", `answers with more than ${mostAnswerBytes / 1024 / 1024} MiB`));
      return;
    }
    text += part;
    if (!events) return;
    const blocks = text.replaceAll("\r\n", "\n").split("\n\n");
    text = blocks.pop() ?? "";
    blocks.some((block) => take(dataOf(block)));
  });
  answer.on("end", () => {
    if (!take(events ? dataOf(text) : text)) settle(nothing);
  });
}

/** The data of one event of a stream (HTML standard, server-sent events). */
function dataOf(block: string): string {
  return block
    .split(/\r\n|\n|\r/u)
    .flatMap((line) => (line.startsWith("data:") ? [line.slice("data:".length).replace(/^ /u, "")] : []))
    .join("\n");
}

/** Servers of the first revisions answer with lists of messages. */
function messageWith(id: number, text: string): { readonly [member: string]: unknown } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  for (const message of Array.isArray(value) ? value : [value]) {
    if (typeof message === "object" && message !== null && message.id === id && !("method" in message)) {
      return message;
    }
  }
  return undefined;
}
