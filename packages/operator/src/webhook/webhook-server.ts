import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { reviewedTypes } from "@gatewright/dialects";
import { errorText, type Logger } from "@gatewright/reconcile";
import { type Admit, answerReview } from "./admission-review.ts";
import type { IssuedCertificate } from "./issue-certificate.ts";
import { reviewPath } from "./webhook-configuration.ts";

/** A server of reviews. Until it has a certificate, nobody can connect. */
export interface WebhookServer {
  readonly port: number;
  /** From now on new connections get this certificate; those that are open go on. */
  use(certificate: IssuedCertificate): void;
  /** Ends when the reviews that run are answered, or after a moment. */
  close(): Promise<void>;
}

/** Kinds by the path of their reviews. */
const kinds = new Map(reviewedTypes.map((type) => [reviewPath(type), type.kind]));

/** The API server takes objects of up to 3 MiB in one request, and sends no larger ones on. */
const mostBodyBytes = 3 * 1024 * 1024;
const requestMilliseconds = 10_000;
const closeMilliseconds = 3_000;

/** Listens for AdmissionReviews. `port` 0 takes a free one. */
export async function startWebhookServer(options: {
  readonly port: number;
  readonly host?: string;
  readonly admit: Admit;
  readonly logger: Logger;
}): Promise<WebhookServer> {
  const { port, host, admit, logger } = options;
  const server = createServer(
    {
      minVersion: "TLSv1.2",
      handshakeTimeout: 5_000,
      requestTimeout: requestMilliseconds,
      headersTimeout: 5_000,
      keepAliveTimeout: 75_000,
    },
    (request, response) => void serve(request, response, admit, logger),
  );
  // A probe of the port, a client that does not trust us: nothing to do, and no reason to end the process.
  server.on("tlsClientError", (error) => logger.debug({ error: errorText(error) }, "handshake failed"));
  server.on("clientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    use: ({ certificate, key }) => server.setSecureContext({ cert: certificate, key }),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), closeMilliseconds);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  admit: Admit,
  logger: Logger,
): Promise<void> {
  const [path = ""] = (request.url ?? "").split("?");
  const kind = kinds.get(path);
  if (kind === undefined) return refuse(request, response, 404, "There is nothing here.");
  if (request.method !== "POST") return refuse(request, response, 405, "Reviews are sent by POST.");
  const body = await readBody(request);
  if (body === "cut") return;
  if (body === "too-large") {
    return refuse(request, response, 413, `A review has at most ${mostBodyBytes} bytes.`);
  }
  const result = answerReview(kind, body.toString("utf8"), admit, (error) =>
    logger.error({ kind, error: errorText(error) }, "a review failed"),
  );
  if (result.kind === "bad-request") return refuse(request, response, 400, result.text);
  send(response, 200, "application/json", JSON.stringify(result.body));
}

async function readBody(request: IncomingMessage): Promise<Buffer | "too-large" | "cut"> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Not destroyed when it is too large: the answer goes out on the same connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBodyBytes) return "too-large";
      chunks.push(chunk);
    }
  } catch {
    return "cut";
  }
  return Buffer.concat(chunks);
}

/** Answers and hangs up: what is left of the body is not worth reading. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  response.setHeader("connection", "close");
  send(response, status, "text/plain; charset=utf-8", `${text}\n`);
  response.once("finish", () => request.destroy());
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  // The client may be gone by now; a write to nobody is no reason to end the process.
  response.on("error", () => {});
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
