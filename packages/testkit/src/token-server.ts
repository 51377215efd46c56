import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A token endpoint of Google's kind on 127.0.0.1: it gives `token-1`, `token-2`, … for signed assertions. */
export interface TokenServer {
  /** The file of a service account whose tokens come from here, as JSON text. */
  readonly account: string;
  /** Tokens given so far. */
  readonly given: number;
  close(): Promise<void>;
}

/** Starts one. */
export async function startTokenServer(): Promise<TokenServer> {
  let given = 0;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      given++;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({ access_token: `token-${given}`, expires_in: 3600, token_type: "Bearer" }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return {
    account: JSON.stringify({
      type: "service_account",
      project_id: "acme",
      private_key_id: "1",
      private_key: privateKey,
      client_email: "gateway@acme.iam.gserviceaccount.com",
      client_id: "1",
      token_uri: `http://127.0.0.1:${port}/token`,
    }),
    get given() {
      return given;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
