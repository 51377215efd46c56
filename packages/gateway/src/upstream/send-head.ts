import { type ServerResponse, STATUS_CODES } from "node:http";

/** How long a connection is kept open between requests, seconds. */
export const KEEP_ALIVE_SECONDS = 75;

/** What Node keeps of a head that it has put together: stable since Node 0.x, and tested for in `send-head.test.ts`. */
interface NodeHead {
  _header: string | null;
  chunkedEncoding: boolean;
}

/**
 * Sends the head of an answer, from a flat list of names and values. The same bytes as `writeHead`, which looks at
 * every name and every value with regular expressions: for the thirty headers of an answer that is a tenth of all the
 * time a request takes. So whoever puts a value in must know that it is Latin-1 without control characters, and names
 * `connection`, `date`, `keep-alive` and `transfer-encoding` are Node's.
 */
export function sendHead(response: ServerResponse, status: number, headers: readonly string[]): void {
  const { req: request } = response;
  const head = response as ServerResponse & NodeHead;
  // Connections that end, old clients and answers without a body have rules of their own.
  if (!response.shouldKeepAlive || request.httpVersionMinor !== 1 || head._header !== null) {
    response.writeHead(status, headers as string[]);
    return;
  }
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "unknown"}\r\n`;
  let measured = false;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? "";
    if (name === "content-length") measured = true;
    text += `${name}: ${headers[index + 1] ?? ""}\r\n`;
  }
  text += `Date: ${date()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${KEEP_ALIVE_SECONDS}\r\n`;
  if (!measured) text += "Transfer-Encoding: chunked\r\n";
  response.statusCode = status;
  head._header = `${text}\r\n`;
  head.chunkedEncoding = !measured;
}

let dated = 0;
let dateText = "";

function date(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dated) {
    dated = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
