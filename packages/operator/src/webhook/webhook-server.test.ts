import { once } from "node:events";
import { request as httpsRequest } from "node:https";
import { connect } from "node:tls";
import { admit, reviewedTypes } from "@gatewright/dialects";
import type { Logger } from "@gatewright/reconcile";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueAuthority, issueServing } from "./issue-certificate.ts";
import { reviewPath } from "./webhook-configuration.ts";
import { startWebhookServer, type WebhookServer } from "./webhook-server.ts";

const clusterPath = "/validate-langop-io-v1alpha1-languagecluster";
const modelPath = "/validate-langop-io-v1alpha1-languagemodel";
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

let server: WebhookServer;
let authority: Awaited<ReturnType<typeof issueAuthority>>;

beforeAll(async () => {
  server = await startWebhookServer({
    port: 0,
    host: "127.0.0.1",
    admit: (kind, object, old, requester) => {
      if (object.metadata.name === "defect") throw new Error("boom");
      const world = {
        clusterExists: () => false,
        runtimeExists: () => false,
        models: () => [],
        agents: () => [],
        tools: () => [],
      };
      return admit(kind, object, old, world, requester);
    },
    logger: silent,
  });
  authority = await issueAuthority(Date.now());
  server.use(await issueServing(authority, ["127.0.0.1"], Date.now()));
});

afterAll(async () => {
  await server.close();
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function post(
  path: string,
  body: string | Buffer,
  method = "POST",
  ca = authority.certificate,
): Promise<Answer> {
  const request = httpsRequest({ host: "127.0.0.1", port: server.port, path, method, ca, agent: false });
  // A refusal may come while a large body is still on its way.
  request.on("error", () => {});
  request.end(body);
  const [response] = (await once(request, "response")) as [NodeJS.ReadableStream & { statusCode: number }];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, body: text };
}

function reviewOf(request: object): string {
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
}

async function answerTo(path: string, request: object) {
  const { status, body } = await post(path, reviewOf({ uid: "u-1", ...request }));
  expect(status).toBe(200);
  const review = JSON.parse(body) as { response: { uid: string } & Record<string, unknown> };
  expect(review).toMatchObject({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" });
  expect(review.response.uid).toBe("u-1");
  return review.response;
}

describe("reviews", () => {
  const cluster = { apiVersion: "langop.io/v1alpha1", kind: "LanguageCluster", metadata: { name: "demo" } };

  test("a good object is admitted, a bad one refused with all its reasons", async () => {
    expect(await answerTo(clusterPath, { operation: "CREATE", object: cluster })).toEqual({
      uid: "u-1",
      allowed: true,
    });
    const spec = { domain: "BAD", capacity: { maxAgents: -1 } };
    const { allowed, status } = await answerTo(clusterPath, {
      operation: "CREATE",
      object: { ...cluster, spec },
    });
    expect(allowed).toBe(false);
    const { code, reason, message } = status as { code: number; reason: string; message: string };
    expect([code, reason]).toEqual([422, "Invalid"]);
    expect(message.split("\n")).toHaveLength(2);
  });

  test("warnings travel with an admission; a dry run is like any other", async () => {
    const object = {
      apiVersion: "langop.io/v1alpha1",
      kind: "LanguageModel",
      metadata: { name: "m", namespace: "n" },
      spec: { provider: "openai", modelName: "gpt" },
    };
    for (const dryRun of [true, false]) {
      const response = await answerTo(modelPath, { operation: "CREATE", object, dryRun });
      expect(response["allowed"]).toBe(true);
      expect(response["warnings"]).toEqual([expect.stringContaining("is no LanguageCluster")]);
    }
  });

  test("who asks is known from the review, and a request that does not say is refused", async () => {
    const path = "/validate-langop-io-v1alpha1-languageagentselfconfig";
    const object = {
      apiVersion: "langop.io/v1alpha1",
      kind: "LanguageAgentSelfConfig",
      metadata: { name: "ask", namespace: "n" },
      spec: { instanceRef: "a", removeTools: ["t"] },
    };
    const answers = await Promise.all(
      ["ada", "system:serviceaccount:n:language-agent-b", "", undefined].map((username) =>
        answerTo(path, { operation: "CREATE", object, userInfo: { username, groups: [] } }),
      ),
    );
    expect(answers.map(({ allowed }) => allowed)).toEqual([true, false, false, false]);
    expect((await answerTo(path, { operation: "CREATE", object }))["allowed"]).toBe(false);
  });

  test("every kind of the dialect has a path of its own", async () => {
    expect(reviewedTypes).toHaveLength(7);
    for (const { kind } of reviewedTypes) {
      const object = {
        apiVersion: "langop.io/v1alpha1",
        kind,
        metadata: { name: "x" },
        spec: { nonsense: 1 },
      };
      const response = await answerTo(`/validate-langop-io-v1alpha1-${kind.toLowerCase()}`, {
        operation: "CREATE",
        object,
      });
      const said = JSON.stringify(response);
      expect(said).toContain(`${kind} x spec.`);
    }
  });

  test("deletion, and updates of what is being deleted, are admitted", async () => {
    expect(await answerTo(clusterPath, { operation: "DELETE", object: null, oldObject: cluster })).toEqual({
      uid: "u-1",
      allowed: true,
    });
    const metadata = { name: "demo", deletionTimestamp: "2026-11-21T10:00:00Z" };
    const object = { ...cluster, metadata, spec: { domain: "BAD" } };
    expect(
      (await answerTo(clusterPath, { operation: "UPDATE", object, oldObject: cluster }))["allowed"],
    ).toBe(true);
  });

  test("a defect in a review refuses the object, and says whose defect it is", async () => {
    const object = { ...cluster, metadata: { name: "defect" } };
    const { allowed, status } = await answerTo(clusterPath, { operation: "CREATE", object });
    expect(allowed).toBe(false);
    expect((status as { message: string }).message).toContain("a defect of the operator");
  });
});

describe("what is no review", () => {
  test.each([
    { name: "another path", path: "/", body: "{}", want: 404 },
    { name: "no body", path: clusterPath, body: "", want: 400 },
    { name: "no JSON", path: clusterPath, body: "{", want: 400 },
    { name: "null", path: clusterPath, body: "null", want: 400 },
    { name: "a list", path: clusterPath, body: "[]", want: 400 },
    { name: "no request", path: clusterPath, body: '{"kind":"AdmissionReview"}', want: 400 },
    { name: "no uid", path: clusterPath, body: reviewOf({}), want: 400 },
    {
      name: "a version of the past",
      path: clusterPath,
      body: reviewOf({ uid: "u" }).replace("/v1", "/v1beta1"),
      want: 400,
    },
    { name: "a byte too much", path: clusterPath, body: Buffer.alloc(3 * 1024 * 1024 + 1, 32), want: 413 },
  ])("$name: $want", async ({ path, body, want }) => {
    expect((await post(path, body)).status).toBe(want);
  });

  test("another method: 405", async () => {
    expect((await post(clusterPath, "", "GET")).status).toBe(405);
  });

  test("a large body that is allowed is read", async () => {
    const padding = "x".repeat(2_900_000);
    expect((await post(clusterPath, reviewOf({ uid: "u", padding }))).status).toBe(200);
  });
});

test("nothing a client sends is an error of ours", async () => {
  const request = fc.record(
    {
      uid: fc.oneof(fc.string({ minLength: 1 }), fc.anything()),
      object: fc.oneof(
        fc.anything(),
        fc.record({
          metadata: fc.oneof(fc.anything(), fc.record({ name: fc.anything(), annotations: fc.anything() })),
          spec: fc.oneof(fc.anything(), fc.dictionary(fc.string(), fc.anything())),
        }),
      ),
      oldObject: fc.anything(),
    },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.anything().map((value) => JSON.stringify(value, safely) ?? ""),
    request.map((value) =>
      JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: value }, safely),
    ),
    // Deeper than recursion goes.
    fc
      .integer({ min: 1, max: 200_000 })
      .map((depth) =>
        reviewOf({ uid: "u", object: { spec: "@" } }).replace('"@"', "[".repeat(depth) + "]".repeat(depth)),
      ),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...reviewedTypes.map(reviewPath)), body, async (path, bytes) => {
      expect([200, 400]).toContain((await post(path, bytes)).status);
    }),
    { numRuns: 150 },
  );
});

function safely(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

test("a client that stops in the middle, or speaks no TLS, harms nobody", async () => {
  const plain = connect({ host: "127.0.0.1", port: server.port, ca: authority.certificate });
  await once(plain, "secureConnect");
  plain.write(`POST ${clusterPath} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{`);
  plain.destroy();
  const { createConnection } = await import("node:net");
  const raw = createConnection({ host: "127.0.0.1", port: server.port });
  raw.on("error", () => {});
  raw.end("GET / HTTP/1.0\r\n\r\n");
  await once(raw, "close");
  expect((await post("/", "")).status).toBe(404);
});

test("a new certificate counts for new connections at once, and the open ones go on", async () => {
  const open = connect({ host: "127.0.0.1", port: server.port, ca: authority.certificate });
  await once(open, "secureConnect");
  const next = await issueAuthority(Date.now());
  server.use(await issueServing(next, ["127.0.0.1"], Date.now()));
  expect((await post("/", "", "POST", next.certificate)).status).toBe(404);
  await expect(post("/", "")).rejects.toThrow();
  open.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  const [data] = (await once(open, "data")) as [Buffer];
  expect(String(data)).toMatch(/^HTTP\/1\.1 404/u);
  open.destroy();
  authority = next;
});
