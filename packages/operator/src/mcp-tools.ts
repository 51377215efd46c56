import { exchange, type McpAnswer, type McpServer, McpTrouble } from "./mcp-exchange.ts";

/** What an MCP server says that it offers, or why nobody knows. */
export type McpTools =
  | {
      readonly kind: "tools";
      readonly tools: readonly McpTool[];
      /** False when there are more, which were not asked for. */
      readonly complete: boolean;
    }
  /** `text` goes on after the server's name: "cannot be reached: …", which is what `unreachable` says too. */
  | { readonly kind: "trouble"; readonly text: string; readonly unreachable: boolean };

export interface McpTool {
  readonly name: string;
  readonly [member: string]: unknown;
}

/** Tools beyond this number are not asked for. */
const mostTools = 1_000;
/** Pages, so that a server that gives one tool a page, or none, comes to an end. */
const mostPages = 100;
const longestError = 200;

/** The last revision with a handshake; servers answer with the one they speak. */
const withHandshake = "2025-11-25";
/** The first one without. */
const stateless = "2026-07-28";

const client = { name: "gatewright", version: "1" };

type Result = { readonly [member: string]: unknown };
/** Sends a request and gives its result. */
type Ask = (method: string, params: object) => Promise<Result>;

/**
 * Asks an MCP server by streamable HTTP which tools it has: with the handshake of the revisions up to 2025-11-25, else as
 * 2026-07-28 has it, without. All of it takes at most `patience` milliseconds. Never rejects.
 */
export async function listMcpTools(server: McpServer, patience: number): Promise<McpTools> {
  const signal = AbortSignal.timeout(patience);
  try {
    return await listInSession(server, signal).catch((error: unknown) => {
      if (!(error instanceof McpTrouble) || error.kind !== "refused") throw error;
      return listStateless(server, signal).catch((other: unknown) => {
        // A server of neither kind: what it said first tells more.
        throw signal.aborted ? other : error;
      });
    });
  } catch (error) {
    if (signal.aborted) return trouble(`did not answer within ${patience / 1000} s`);
    if (!(error instanceof McpTrouble)) return trouble(`cannot be asked: ${String(error)}`);
    return trouble(error.message, error.kind === "unreachable");
  }
}

function trouble(text: string, unreachable = false): McpTools {
  return { kind: "trouble", text, unreachable };
}

async function listInSession(given: McpServer, signal: AbortSignal): Promise<McpTools> {
  const params = { protocolVersion: withHandshake, capabilities: {}, clientInfo: client };
  const first = await post(given, { id: 1, method: "initialize", params }, {}, signal);
  const result = resultOf(first.answer, "initialize");
  const { server } = first;
  const session = first.answer.headers["mcp-session-id"];
  const { protocolVersion } = result;
  const headers = {
    "mcp-protocol-version": typeof protocolVersion === "string" ? protocolVersion : withHandshake,
    ...(typeof session === "string" ? { "mcp-session-id": session } : {}),
  };
  try {
    await post(server, { method: "notifications/initialized" }, headers, signal);
    if (!isRecord(result["capabilities"]) || !isRecord(result["capabilities"]["tools"])) {
      return { kind: "tools", tools: [], complete: true };
    }
    let id = 1;
    return await pages(async (method, of) => {
      id += 1;
      return resultOf((await post(server, { id, method, params: of }, headers, signal)).answer, method);
    });
  } finally {
    // A courtesy: sessions that nobody ends the server ends itself.
    if (typeof session === "string")
      await exchange(server, { method: "DELETE", headers }, signal).catch(() => {});
  }
}

async function listStateless(given: McpServer, signal: AbortSignal): Promise<McpTools> {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": stateless,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": client,
  };
  let id = 0;
  return pages(async (method, params) => {
    id += 1;
    const headers = { "mcp-protocol-version": stateless, "mcp-method": method };
    const { answer } = await post(given, { id, method, params: { ...params, _meta } }, headers, signal);
    return resultOf(answer, method);
  });
}

async function pages(ask: Ask): Promise<McpTools> {
  const tools: McpTool[] = [];
  let cursor: unknown;
  for (let page = 0; page < mostPages; page += 1) {
    const result = await ask("tools/list", cursor === undefined ? {} : { cursor });
    if (!Array.isArray(result["tools"]))
      throw new McpTrouble("other", "answers tools/list without a list of tools");
    tools.push(...result["tools"].filter(isTool));
    cursor = result["nextCursor"];
    if (typeof cursor !== "string" || cursor === "") {
      return { kind: "tools", tools: tools.slice(0, mostTools), complete: tools.length <= mostTools };
    }
    if (tools.length >= mostTools) break;
  }
  return { kind: "tools", tools: tools.slice(0, mostTools), complete: false };
}

/**
 * Sends a message; the server as it is to be asked from then on. Many servers redirect from `/mcp` to `/mcp/`, so a
 * redirect to another path is followed, once, to the same place: what the server names as its host counts for nothing.
 */
async function post(
  server: McpServer,
  message: { readonly id?: number; readonly method: string; readonly params?: object },
  headers: { readonly [name: string]: string },
  signal: AbortSignal,
): Promise<{ readonly answer: McpAnswer; readonly server: McpServer }> {
  const body = { jsonrpc: "2.0", ...message };
  const send = {
    method: "POST",
    headers,
    body,
    ...(message.id === undefined ? {} : { id: message.id }),
  } as const;
  const answer = await exchange(server, send, signal);
  const path = redirectPath(server, answer);
  if (path === undefined) return { answer, server };
  const moved = { ...server, path };
  return { answer: await exchange(moved, send, signal), server: moved };
}

function redirectPath({ host, path }: McpServer, { status, headers }: McpAnswer): string | undefined {
  if ((status !== 307 && status !== 308) || headers.location === undefined) return undefined;
  const base = `http://${host}${path}`;
  if (!URL.canParse(headers.location, base)) return undefined;
  const { pathname, search } = new URL(headers.location, base);
  return `${pathname}${search}`;
}

function resultOf({ status, message }: McpAnswer, method: string): Result {
  if (message === undefined) {
    // Who may ask is no question of the protocol, and neither is a server in trouble.
    const refused = status >= 400 && status < 500 && status !== 401 && status !== 403;
    throw new McpTrouble(refused ? "refused" : "other", `answers ${method} with status ${status}`);
  }
  const { result, error } = message;
  if (isRecord(result)) return result;
  const { code = "", message: text = "" } = isRecord(error) ? error : {};
  const words = `${code} ${text}`
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, longestError)
    .toWellFormed();
  throw new McpTrouble("refused", `answers ${method} with the error ${words}`);
}

function isTool(value: unknown): value is McpTool {
  return isRecord(value) && typeof value["name"] === "string" && value["name"] !== "";
}

function isRecord(value: unknown): value is Result {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
