import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { pipeline } from "node:stream";
import type { Asker, FindPlace } from "./service-place.ts";

/** Where processes reach the cluster's Services by their names: there is no cluster DNS on this machine. */
export interface ServiceProxy {
  /** The variables that send the HTTP of a Pod's process through the proxy; Node, curl and most others heed them. */
  readonly environment: (asker: Asker) => { readonly [name: string]: string };
  /** Breaks what is under way. */
  stop(): Promise<void>;
}

/**
 * Starts an HTTP proxy on a free port of 127.0.0.1, for plain requests and for tunnels; bodies pass as they come. Where
 * nothing stands behind a name it answers 502 and says why. It lets everything pass: NetworkPolicies are not enforced.
 */
export async function startServiceProxy(find: FindPlace): Promise<ServiceProxy> {
  const open = new Set<Socket>();
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on("error", () => {}).once("close", () => open.delete(socket));
  };

  const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = URL.parse(request.url ?? "");
    if (target === null) return refuse(response, 400, `a proxy takes whole URLs, not ${request.url}`);
    const place = await find(target.hostname, Number(target.port || 80), askerOf(request));
    const { method, headers } = request;
    const onward = httpRequest({
      ...place,
      method,
      path: `${target.pathname}${target.search}`,
      headers: endToEnd(headers),
      agent: false,
    });
    onward.once("error", (error) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 502, `${target.host}: ${error.message}`);
    });
    onward.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      response.flushHeaders();
      pipeline(answer, response, () => {});
    });
    response.once("close", () => onward.destroy());
    request.pipe(onward);
  };

  const tunnel = async (request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> => {
    const [, host = "", port] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(request.url ?? "") ?? [];
    const place = await find(host, Number(port), askerOf(request));
    const onward = connect(place);
    keep(onward);
    onward.once("error", (error) => socket.end(refusal(`${request.url}: ${error.message}`)));
    onward.once("connect", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.once("close", () => socket.destroySoon());
    socket.once("close", () => onward.destroy());
  };

  const server = createServer((request, response) => {
    forward(request, response).catch((error: Error) => refuse(response, 502, error.message));
  });
  server.on("connection", keep);
  server.on("connect", (request, socket: Socket, head) => {
    tunnel(request, socket, head).catch((error: Error) => socket.end(refusal(error.message)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    environment({ namespace, address }) {
      // Who asks is in the credentials: all Pods have the same address here.
      const url = `http://${namespace}:${address}@127.0.0.1:${port}`;
      const names = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: "127.0.0.1,::1" };
      const lower = Object.entries(names).map(([name, value]) => [name.toLowerCase(), value]);
      return { ...names, ...Object.fromEntries(lower), NODE_USE_ENV_PROXY: "1" };
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function askerOf({ headers }: IncomingMessage): Asker {
  const [, encoded = ""] = (headers["proxy-authorization"] ?? "").split(" ");
  const [namespace = "default", address = ""] = Buffer.from(encoded, "base64").toString().split(":");
  return { namespace, address };
}

/** Without what is between two neighbours only. */
function endToEnd<H extends IncomingMessage["headers"]>(headers: H): H {
  const hop = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hop.test(name))) as H;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain", connection: "close" });
  response.end(`${text}\n`);
}

function refusal(text: string): string {
  const body = `${text}\n`;
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/plain\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`;
}
