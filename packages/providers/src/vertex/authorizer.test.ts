import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CredentialSettings, Place, SecretText } from "../provider.ts";
import { vertexAuthorizer } from "./authorizer.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

/** A token endpoint of Google's kind, and its metadata server: it gives `token-1`, `token-2`, … */
const tokens = {
  requests: [] as {
    readonly path: string;
    readonly form: URLSearchParams;
    readonly authorization: string | undefined;
  }[],
  failure: undefined as { readonly status: number; readonly body: object } | undefined,
  held: undefined as Promise<void> | undefined,
};
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on("end", () => void answer());
  const answer = async (): Promise<void> => {
    const path = request.url ?? "";
    response.setHeader("metadata-flavor", "Google");
    response.setHeader("content-type", "application/json");
    if (request.method === "GET" && !path.includes("/token")) return void response.end("{}");
    tokens.requests.push({
      path,
      form: new URLSearchParams(body),
      authorization: request.headers.authorization,
    });
    const number = tokens.requests.length;
    await tokens.held;
    if (tokens.failure !== undefined) {
      response.statusCode = tokens.failure.status;
      return void response.end(JSON.stringify(tokens.failure.body));
    }
    response.end(
      JSON.stringify({
        access_token: `token-${number}`,
        accessToken: `token-${number}`,
        expires_in: 3600,
        expireTime: new Date(Date.now() + 3_600_000).toISOString(),
        token_type: "Bearer",
        issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
      }),
    );
  };
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
const host = `127.0.0.1:${port}`;
const folder = mkdtempSync(join(tmpdir(), "gatewright-vertex-"));
beforeEach(() => {
  Object.assign(tokens, { requests: [], failure: undefined, held: undefined });
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const place: Place = {
  baseUrl: "https://{location}-aiplatform.googleapis.com",
  model: "gemini-2.5-flash",
  apiVersion: undefined,
  project: "acme",
};
const { project: _, ...nowhere } = place;
const account = {
  type: "service_account",
  client_email: "gateway@acme.iam.gserviceaccount.com",
  private_key: privateKey,
  private_key_id: "key-1",
  token_uri: `http://${host}/token`,
};
const secret = (text: string): SecretText => ({ reveal: () => text });
const settings = (credentials: unknown): CredentialSettings => ({
  key: undefined,
  vertex_credentials: secret(typeof credentials === "string" ? credentials : JSON.stringify(credentials)),
});
const at = (time: number) => ({ origin: "https://x", path: "/", body: Buffer.from(""), time });
const MINUTE = 60_000;

function file(content: object): string {
  const path = join(folder, "credentials.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe("the authorization of Vertex", () => {
  it("is a token for a service account, asked for with an assertion that its key has signed", async () => {
    const now = Date.now();
    const headers = await vertexAuthorizer(settings(account), place).authorize(at(now));
    expect(headers).toEqual(["authorization", "Bearer token-1"]);
    const [request] = tokens.requests;
    expect(request?.form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const [header = "", claims = "", signature = ""] = (request?.form.get("assertion") ?? "").split(".");
    const read = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
    expect(read(header)).toEqual({ alg: "RS256", typ: "JWT", kid: "key-1" });
    const iat = Math.floor(now / 1000);
    expect(read(claims)).toEqual({
      iss: account.client_email,
      scope: "https://www.googleapis.com/auth/cloud-platform",
      aud: account.token_uri,
      iat,
      exp: iat + 3600,
    });
    const signed = Buffer.from(`${header}.${claims}`);
    expect(
      verify("RSA-SHA256", signed, createPublicKey(publicKey), Buffer.from(signature, "base64url")),
    ).toBe(true);
  });

  it("reads credentials from a file as well", async () => {
    const headers = await vertexAuthorizer(settings(file(account)), place).authorize(at(0));
    expect(headers).toEqual(["authorization", "Bearer token-1"]);
  });

  it("is a token for a user", async () => {
    const user = {
      type: "authorized_user",
      client_id: "id",
      client_secret: "hidden",
      refresh_token: "also hidden",
      token_uri: account.token_uri,
    };
    await vertexAuthorizer(settings(user), place).authorize(at(0));
    expect(Object.fromEntries(tokens.requests[0]?.form ?? [])).toEqual({
      grant_type: "refresh_token",
      client_id: "id",
      client_secret: "hidden",
      refresh_token: "also hidden",
    });
  });

  it("is a token for a service account that another one may act as", async () => {
    const acting = {
      type: "impersonated_service_account",
      source_credentials: account,
      service_account_impersonation_url: `http://${host}/v1/projects/-/serviceAccounts/x:generateAccessToken`,
    };
    const authorizer = vertexAuthorizer(settings(acting), place);
    expect(await authorizer.authorize(at(Date.now()))).toEqual(["authorization", "Bearer token-2"]);
    expect(tokens.requests[1]?.authorization).toBe("Bearer token-1");
  });

  it("is a token for another cloud's identity", async () => {
    const headers = await vertexAuthorizer(settings(workloadIdentity()), place).authorize(at(Date.now()));
    expect(headers).toEqual(["authorization", "Bearer token-1"]);
    expect(tokens.requests[0]?.form.get("subject_token")).toBe("a token of Kubernetes");
  });

  it("is a token of the application default credentials", async () => {
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", file(workloadIdentity()));
    const headers = await vertexAuthorizer({ key: undefined }, place).authorize(at(Date.now()));
    expect(headers).toEqual(["authorization", "Bearer token-1"]);
  });

  it("is a token of the metadata server, where there is nothing else", async () => {
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "");
    vi.stubEnv("CLOUDSDK_CONFIG", folder);
    vi.stubEnv("GCE_METADATA_HOST", host);
    vi.stubEnv("METADATA_SERVER_DETECTION", "assume-present");
    const headers = await vertexAuthorizer({ key: undefined }, place).authorize(at(Date.now()));
    expect(headers).toEqual(["authorization", "Bearer token-1"]);
    expect(tokens.requests[0]?.path).toContain("/service-accounts/default/token");
  });

  it("is a token of gcloud's file", async () => {
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "");
    vi.stubEnv("CLOUDSDK_CONFIG", folder);
    const path = join(folder, "application_default_credentials.json");
    writeFileSync(path, JSON.stringify(account));
    const headers = await vertexAuthorizer({ key: undefined }, place).authorize(at(Date.now()));
    rmSync(path);
    expect(headers).toEqual(["authorization", "Bearer token-1"]);
  });

  it("is the key, where there is nothing but a key", () => {
    expect(vertexAuthorizer({ key: secret("AIza") }, nowhere).authorize(at(0))).toEqual([
      "x-goog-api-key",
      "AIza",
    ]);
  });

  it("is fetched once for requests that come together, and kept", async () => {
    const authorizer = vertexAuthorizer(settings(account), place);
    const together = await Promise.all([authorizer.authorize(at(0)), authorizer.authorize(at(0))]);
    expect(together.map(([, value]) => value)).toEqual(["Bearer token-1", "Bearer token-1"]);
    expect(authorizer.authorize(at(50 * MINUTE))).toEqual(["authorization", "Bearer token-1"]);
    expect(tokens.requests).toHaveLength(1);
  });

  it("is renewed before it ends, beside the requests, which wait only when it has ended", async () => {
    const authorizer = vertexAuthorizer(settings(account), place);
    await authorizer.authorize(at(0));
    let release: (() => void) | undefined;
    tokens.held = new Promise((resolve) => {
      release = resolve;
    });
    for (let second = 0; second < 30; second++) {
      expect(authorizer.authorize(at(57 * MINUTE + second * 1000))).toEqual([
        "authorization",
        "Bearer token-1",
      ]);
    }
    const late = authorizer.authorize(at(61 * MINUTE));
    release?.();
    expect(await late).toEqual(["authorization", "Bearer token-2"]);
    expect(tokens.requests).toHaveLength(2);
  });

  it("stays what it is while it is good, when it cannot be renewed, and then tells why", async () => {
    const authorizer = vertexAuthorizer(settings(account), place);
    await authorizer.authorize(at(0));
    tokens.failure = {
      status: 400,
      body: { error: "invalid_grant", error_description: "Invalid JWT Signature." },
    };
    expect(authorizer.authorize(at(57 * MINUTE))).toEqual(["authorization", "Bearer token-1"]);
    await expect(authorizer.authorize(at(61 * MINUTE))).rejects.toThrow(
      `there is no access token for Google Cloud: http://${host}/token answered 400, invalid_grant: Invalid JWT Signature.`,
    );
    tokens.failure = undefined;
    expect(await authorizer.authorize(at(62 * MINUTE))).toEqual([
      "authorization",
      expect.stringMatching(/^Bearer /),
    ]);
  });

  it.each([
    ["no file", "/nowhere/key.json", "the file /nowhere/key.json cannot be read (ENOENT)"],
    ["no JSON", "{", "vertex_credentials is no JSON object"],
    [
      "no type",
      "{}",
      "vertex_credentials has the type undefined; known are service_account, authorized_user",
    ],
    ["no email", { ...account, client_email: "" }, "vertex_credentials has no client_email"],
    [
      "no key",
      { ...account, private_key: "-----BEGIN" },
      "the private_key of the service account is no key in PEM form",
    ],
  ])("cannot be with %s", (_, credentials, want) => {
    expect(() => vertexAuthorizer(settings(credentials), place)).toThrow(want);
  });

  it("cannot be without a project", () => {
    expect(() => vertexAuthorizer(settings(account), nowhere)).toThrow(
      "set vertex_project or VERTEXAI_PROJECT",
    );
  });

  it("shows no secret in an error", async () => {
    const user = {
      type: "authorized_user",
      client_id: "id",
      client_secret: "hidden-secret",
      refresh_token: "hidden-token",
      token_uri: account.token_uri,
    };
    tokens.failure = {
      status: 401,
      body: { error: "invalid_client", error_description: "hidden-secret does not fit hidden-token" },
    };
    await expect(vertexAuthorizer(settings(user), place).authorize(at(0))).rejects.toThrow(
      "answered 401, invalid_client: *** does not fit ***",
    );
  });
});

function workloadIdentity(): object {
  const path = join(folder, "subject-token");
  writeFileSync(path, "a token of Kubernetes");
  return {
    type: "external_account",
    audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/k",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: `http://${host}/v1/token`,
    credential_source: { file: path },
  };
}
