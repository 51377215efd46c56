import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CredentialSettings, UnsignedRequest } from "../provider.ts";
import { azureAuthorizer } from "./authorizer.ts";

interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly form: Readonly<Record<string, string>>;
}

const START = 1_800_000_000_000;
const HOUR = 3_600_000;

/** A token endpoint of Entra ID's kind: it gives `token-1`, `token-2`, … */
let server: Server;
let asked: Asked[];
/** What it answers, when not a token. */
let failure: { readonly status: number; readonly text: string } | undefined;

beforeEach(async () => {
  asked = [];
  failure = undefined;
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const form = Object.fromEntries(new URLSearchParams(body));
      asked.push({ path: request.url ?? "", headers: request.headers, form });
      const answer = { token_type: "Bearer", access_token: `token-${asked.length}`, expires_in: 3600 };
      response.writeHead(failure?.status ?? 200, { "content-type": "application/json" });
      response.end(failure?.text ?? JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  vi.stubEnv("AZURE_AUTHORITY_HOST", `${address()}/`);
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const secret = (text: string): { reveal(): string } => ({ reveal: () => text });
const principal = {
  key: undefined,
  tenant_id: "acme",
  client_id: "gateway",
  client_secret: secret("p&ss word"),
};

const at = (time: number): UnsignedRequest => ({
  origin: "https://r.openai.azure.com",
  path: "/",
  body: Buffer.from("{}"),
  time,
});

describe("a service principal", () => {
  it("asks Entra ID once and keeps the token", async () => {
    const authorizer = azureAuthorizer(principal);
    expect(await authorizer?.authorize(at(START))).toEqual(["authorization", "Bearer token-1"]);
    expect(authorizer?.authorize(at(START + HOUR / 2))).toEqual(["authorization", "Bearer token-1"]);
    expect(asked).toMatchObject([
      {
        path: "/acme/oauth2/v2.0/token",
        headers: { "content-type": expect.stringContaining("application/x-www-form-urlencoded") },
        form: {
          grant_type: "client_credentials",
          client_id: "gateway",
          client_secret: "p&ss word",
          scope: "https://cognitiveservices.azure.com/.default",
        },
      },
    ]);
  });

  it("asks for the scope it is told", async () => {
    await azureAuthorizer({ ...principal, azure_scope: "https://ai.azure.com/.default" })?.authorize(
      at(START),
    );
    expect(asked[0]?.form["scope"]).toBe("https://ai.azure.com/.default");
  });

  it("asks once for requests that come together", async () => {
    const authorizer = azureAuthorizer(principal);
    const answers = await Promise.all([1, 2, 3].map(async () => authorizer?.authorize(at(START))));
    expect(answers).toEqual(new Array(3).fill(["authorization", "Bearer token-1"]));
    expect(asked).toHaveLength(1);
  });

  it("renews the token beside the requests before it expires", async () => {
    const authorizer = azureAuthorizer(principal);
    await authorizer?.authorize(at(START));
    const late = START + HOUR - 60_000;
    expect(authorizer?.authorize(at(late))).toEqual(["authorization", "Bearer token-1"]);
    expect(authorizer?.authorize(at(late + 1))).toEqual(["authorization", "Bearer token-1"]);
    await vi.waitFor(() =>
      expect(authorizer?.authorize(at(late + 2))).toEqual(["authorization", "Bearer token-2"]),
    );
    expect(asked).toHaveLength(2);
  });

  it("never sends a token that has expired", async () => {
    const authorizer = azureAuthorizer(principal);
    await authorizer?.authorize(at(START));
    expect(await authorizer?.authorize(at(START + HOUR))).toEqual(["authorization", "Bearer token-2"]);
  });

  it("keeps the token while renewing it fails", async () => {
    const authorizer = azureAuthorizer(principal);
    await authorizer?.authorize(at(START));
    failure = { status: 503, text: "busy" };
    const late = START + HOUR - 60_000;
    await authorizer?.authorize(at(late));
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    expect(authorizer?.authorize(at(late + 10))).toEqual(["authorization", "Bearer token-1"]);
  });

  it("says what Entra ID says, without the secret, and asks again", async () => {
    const authorizer = azureAuthorizer(principal);
    failure = {
      status: 401,
      text: JSON.stringify({
        error: "invalid_client",
        error_description: "AADSTS7000215: Invalid client secret provided: p&ss word",
      }),
    };
    await expect(authorizer?.authorize(at(START))).rejects.toThrow(
      "no Entra ID token for client gateway: AADSTS7000215: Invalid client secret provided: ***",
    );
    failure = undefined;
    expect(await authorizer?.authorize(at(START))).toEqual(["authorization", "Bearer token-2"]);
  });

  it.each([
    ["is no JSON", { status: 502, text: "<html>" }, "HTTP 502"],
    ["has no token", { status: 200, text: '{"expires_in":3600}' }, "HTTP 200"],
    ["is null", { status: 500, text: "null" }, "HTTP 500"],
  ])("says so when the answer %s", async (_, answer, reason) => {
    failure = answer;
    await expect(azureAuthorizer(principal)?.authorize(at(START))).rejects.toThrow(reason);
  });

  it("says so when nobody answers", async () => {
    vi.stubEnv("AZURE_AUTHORITY_HOST", "http://127.0.0.1:1");
    await expect(azureAuthorizer(principal)?.authorize(at(START))).rejects.toThrow(
      /^no Entra ID token for client gateway: http:\/\/127\.0\.0\.1:1\/acme\/oauth2\/v2\.0\/token cannot be reached/,
    );
  });

  it("has to be whole", () => {
    expect(() => azureAuthorizer({ ...principal, client_secret: undefined })).toThrow(
      "tenant_id, client_id and client_secret",
    );
  });
});

describe("the identity of the process", () => {
  const refreshing: CredentialSettings = { key: undefined, enable_azure_ad_token_refresh: true };

  it("is asked for tokens where the document says so", async () => {
    vi.useRealTimers();
    vi.stubEnv("AZURE_AUTHORITY_HOST", undefined); // the library takes it only over https
    vi.stubEnv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential");
    vi.stubEnv("IDENTITY_ENDPOINT", `${address()}/msi/token`);
    vi.stubEnv("IDENTITY_HEADER", "from-the-platform");
    const now = Date.now();
    server.removeAllListeners("request");
    server.on("request", (request, response) => {
      asked.push({ path: request.url ?? "", headers: request.headers, form: {} });
      const expires = String(Math.floor(now / 1000) + 3600);
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ access_token: "managed", expires_on: expires, token_type: "Bearer" }));
    });
    const authorizer = azureAuthorizer(refreshing);
    expect(await authorizer?.authorize(at(now))).toEqual(["authorization", "Bearer managed"]);
    expect(authorizer?.authorize(at(now + 1000))).toEqual(["authorization", "Bearer managed"]);
    expect(asked).toMatchObject([{ headers: { "x-identity-header": "from-the-platform" } }]);
    const query = new URL(asked[0]?.path ?? "", address()).searchParams;
    expect(query.get("resource")).toBe("https://cognitiveservices.azure.com");
  });

  it("is left alone where there is a key, or nothing says so", () => {
    expect(azureAuthorizer({ ...refreshing, key: secret("k") })).toBeUndefined();
    expect(azureAuthorizer({ key: undefined })).toBeUndefined();
  });

  it("is said not to be there when it is not", async () => {
    vi.stubEnv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential");
    await expect(azureAuthorizer(refreshing)?.authorize(at(START))).rejects.toThrow(/^no Entra ID token: /);
  });
});
