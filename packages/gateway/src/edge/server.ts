import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import process from "node:process";
import { type ApiError, alive, apiError, readiness } from "@gatewright/litellm";
import { Exchange } from "../exchange.ts";
import { anonymous } from "../snapshot/caller.ts";
import type { Configuration } from "../snapshot/configuration.ts";
import { callerOf } from "../stages/key.ts";
import type { Next } from "../stages/stage.ts";
import { decisionJson, decisionLine } from "../telemetry/decision.ts";
import type { Decisions } from "../telemetry/decisions.ts";
import { explainDenied } from "../telemetry/explain.ts";
import type { Registry } from "../telemetry/registry.ts";
import { KEEP_ALIVE_SECONDS } from "../upstream/send-head.ts";
import { healthReport } from "./health.ts";
import { modelEntry, modelList } from "./models.ts";
import type { PassThroughServer } from "./pass-through.ts";
import { readAway } from "./read-away.ts";
import { methodsOf, type Route, routeOf } from "./routes.ts";

// An import statement would read all that the module exports, WebSocket among it, for which Node loads the whole of its
// fetch: about 40 ms of start and 5 MB for nothing.
const { createServer } = process.getBuiltinModule("node:http");

/** What the edge needs from the rest of the gateway. */
export interface EdgeServices {
  readonly configuration: Configuration;
  readonly registry: Registry;
  /** What was decided about the last requests. */
  readonly decisions: Decisions;
  /** True while the process is on its way out: readiness says so, connections are not kept. */
  draining(): boolean;
  /** A new id for each call. */
  callId(): string;
  /** The stages of a request for a model. */
  readonly serve: Next;
  readonly passThrough: PassThroughServer;
  /** A defect: something threw where nothing should. */
  crashed(error: unknown): void;
}

/** The HTTP server: finds what a request is for, and answers all that needs no model. */
export function createEdge(services: EdgeServices): Server {
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_SECONDS * 1000,
      headersTimeout: 60_000,
      requestTimeout: 300_000,
      noDelay: true,
    },
    (request, response) => {
      try {
        handle(services, request, response);
      } catch (error) {
        services.crashed(error);
        sendError(request, response, apiError("internal", {}));
      }
    },
  );
  server.on("clientError", refuse);
  return server;
}

function handle(services: EdgeServices, request: IncomingMessage, response: ServerResponse): void {
  if (services.draining()) response.shouldKeepAlive = false;
  const route = routeOf(request.url ?? "/");
  if (route === undefined) return passThrough(services, request, response);
  const method = request.method ?? "GET";
  if (route.kind === "operation" && method === "POST") {
    const { configuration } = services;
    return services.serve(
      new Exchange(
        request,
        response,
        configuration.snapshot,
        route.operation,
        route.path,
        route.model,
        services.callId(),
      ),
    );
  }
  const methods = methodsOf(route);
  if (!methods.includes(method)) {
    return sendError(request, response, {
      ...apiError("method_not_allowed", {}),
      headers: { allow: methods.join(", ") },
    });
  }
  answer(services, route, request, response);
}

/** What is no route of the gateway's own may be one that the document hands to somebody else. */
function passThrough(services: EdgeServices, request: IncomingMessage, response: ServerResponse): void {
  const { snapshot } = services.configuration;
  const fail = (error: ApiError): void => sendError(request, response, error);
  const match = snapshot.passThroughs.find(request.url ?? "/");
  if (match === undefined) return fail(apiError("route_unknown", {}));
  services.passThrough({ request, response, snapshot, match, callId: services.callId(), fail });
}

function answer(
  services: EdgeServices,
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { configuration, registry } = services;
  const { snapshot } = configuration;
  switch (route.kind) {
    case "liveness":
      return sendJson(response, 200, alive);
    case "readiness": {
      const draining = services.draining();
      return sendJson(
        response,
        draining ? 503 : 200,
        readiness({
          draining,
          digest: snapshot.digest,
          problems: configuration.problems,
          warnings: snapshot.warnings,
        }),
      );
    }
    case "metrics": {
      const caller = snapshot.telemetry.metricsClosed ? callerOf(snapshot, request.headers) : anonymous;
      return "status" in caller
        ? sendError(request, response, caller)
        : send(response, 200, "text/plain; version=0.0.4; charset=utf-8", registry.text());
    }
    case "decisions":
    case "decision": {
      const caller = callerOf(snapshot, request.headers);
      const denied = "status" in caller ? caller : explainDenied(caller, request, route.path);
      if (denied !== undefined) return sendError(request, response, denied);
      if (route.kind === "decisions")
        return sendJson(response, 200, { data: services.decisions.newestFirst().map(decisionLine) });
      const decision = services.decisions.find(route.id);
      return decision === undefined
        ? sendError(request, response, apiError("route_unknown", {}))
        : sendJson(response, 200, decisionJson(decision));
    }
    case "root":
      return send(response, 200, "text/plain; charset=utf-8", "LiteLLM: RUNNING");
    case "health": {
      const caller = snapshot.healthOpen ? anonymous : callerOf(snapshot, request.headers);
      return "status" in caller
        ? sendError(request, response, caller)
        : sendJson(response, 200, healthReport(snapshot));
    }
    case "models":
    case "model": {
      const caller = callerOf(snapshot, request.headers);
      if ("status" in caller) return sendError(request, response, caller);
      if (route.kind === "models") return sendJson(response, 200, modelList(snapshot, caller));
      const entry = modelEntry(snapshot, caller, route.model);
      return entry === undefined
        ? sendError(request, response, apiError("model_not_found", { model: route.model }))
        : sendJson(response, 200, entry);
    }
    case "operation":
      throw new Error("operations are served by the stages");
  }
}

function sendError(request: IncomingMessage, response: ServerResponse, error: ApiError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const [name, value] of Object.entries(error.headers ?? {})) response.setHeader(name, value);
  sendJson(response, error.status, error.body);
  readAway(request);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, "application/json", JSON.stringify(body));
}

function send(response: ServerResponse, status: number, contentType: string, text: string): void {
  response.statusCode = status;
  response.setHeader("content-type", contentType);
  response.setHeader("content-length", Buffer.byteLength(text));
  response.end(text);
}

/** What is not HTTP, or has headers beyond all measure, gets a status in plain bytes: there is no response object. */
function refuse(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const status =
    error.code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
