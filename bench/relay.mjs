// A thin relay, the ceiling for a gateway in Node: it reads the request, looks into its JSON, puts another key on it and
// carries the answer back, with back-pressure and aborts. It decides nothing, counts nothing and logs nothing.
// Environment: PORT, UPSTREAM (base URL without a path), KEY (sent upstream).
import { createServer } from "node:http";
import process from "node:process";
import { Pool } from "undici";

const { PORT, UPSTREAM, KEY } = process.env;
const LARGEST_BODY = 10 * 1024 * 1024;
const authorization = `Bearer ${KEY}`;
const upstream = new Pool(UPSTREAM, {
  allowH2: false,
  connections: 128,
  pipelining: 1,
  keepAliveTimeout: 60_000,
  headersTimeout: 0,
  bodyTimeout: 0,
});

/** Headers that belong to one connection and must not be carried to another (RFC 9110 §7.6.1). */
const connectionHeaders = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

function refuse(response, status, message) {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const type = status < 500 ? "invalid_request_error" : "server_error";
  const text = JSON.stringify({ error: { message, type } });
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

class Answer {
  #response;
  #finished = false;

  constructor(response) {
    this.#response = response;
  }

  onRequestStart(controller) {
    this.#response.once("close", () => {
      if (!this.#finished) controller.abort(new Error("the client left"));
    });
  }

  onResponseStart(_controller, status, headers) {
    const kept = {};
    for (const name in headers) if (!connectionHeaders.has(name)) kept[name] = headers[name];
    this.#response.writeHead(status, kept);
    if (String(headers["content-type"]).startsWith("text/event-stream")) this.#response.flushHeaders();
  }

  onResponseData(controller, bytes) {
    if (this.#response.write(bytes)) return;
    controller.pause();
    this.#response.once("drain", () => controller.resume());
  }

  onResponseEnd() {
    this.#finished = true;
    this.#response.end();
  }

  onResponseError(_controller, error) {
    this.#finished = true;
    refuse(this.#response, 502, error.message);
  }
}

function forward(request, response, body) {
  let fields;
  try {
    fields = JSON.parse(body);
  } catch {
    return refuse(response, 400, "the body is not JSON");
  }
  if (typeof fields.model !== "string") return refuse(response, 400, "the body names no model");
  upstream.dispatch(
    {
      method: "POST",
      path: request.url,
      headers: {
        authorization,
        "content-type": "application/json",
        accept: fields.stream ? "text/event-stream" : "application/json",
      },
      body,
    },
    new Answer(response),
  );
}

const server = createServer((request, response) => {
  const parts = [];
  let length = 0;
  request.on("error", () => {});
  request.on("data", (part) => {
    parts.push(part);
    length += part.length;
    if (length <= LARGEST_BODY) return;
    refuse(response, 413, "the body is too long");
    request.destroy();
  });
  request.on("end", () =>
    forward(request, response, parts.length === 1 ? parts[0] : Buffer.concat(parts, length)),
  );
});
server.keepAliveTimeout = 65_000;
server.listen(Number(PORT), "127.0.0.1");
