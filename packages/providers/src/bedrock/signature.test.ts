import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeUri, RequestSigner } from "./signature.ts";

/** SHA-256 in the shape that the SDK's signer wants. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error("never asked for");
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

const visible = fc.stringMatching(/^[!-~]{1,40}$/);
const segment = fc.oneof(
  fc.string({ unit: "grapheme" }).map(encodeUri),
  fc.constantFrom("", ".", "..", "a:b", "ü%41"),
);
const query = fc.array(
  fc.tuple(fc.stringMatching(/^[ -~]{1,6}$/), fc.string({ unit: "grapheme", maxLength: 6 })),
  {
    maxLength: 5,
  },
);
const moment = fc.date({ min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });
const requests = fc.record({
  accessKeyId: visible,
  secretAccessKey: visible,
  sessionToken: fc.option(visible, { nil: undefined }),
  region: fc.constantFrom("eu-west-1", "us-gov-east-1"),
  segments: fc.array(segment, { maxLength: 5 }),
  query,
  body: fc.uint8Array({ maxLength: 300 }),
  date: moment,
  origin: fc.constantFrom("https://bedrock-runtime.eu-west-1.amazonaws.com", "http://127.0.0.1:8080"),
});

describe("RequestSigner", () => {
  it("signs as the AWS SDK does, whatever the path, query, body, token and time", async () => {
    await fc.assert(
      fc.asyncProperty(
        requests,
        async ({ body, date, origin, query: pairs, region, segments, ...credentials }) => {
          const { accessKeyId, secretAccessKey, sessionToken } = credentials;
          const own = {
            accessKeyId,
            secretAccessKey,
            ...(sessionToken === undefined ? {} : { sessionToken }),
          };
          const path = `/${segments.join("/")}`;
          const names = [...new Set(pairs.map(([name]) => name))];
          const bag = Object.fromEntries(
            names.map((name) => [name, pairs.flatMap(([other, value]) => (other === name ? [value] : []))]),
          );
          const oracle = new SignatureV4({
            service: "bedrock",
            region,
            credentials: own,
            sha256: Sha256,
            applyChecksum: false,
          });
          const { hostname, host } = new URL(origin);
          const want = await oracle.sign(
            { method: "POST", protocol: "https:", hostname, path, query: bag, headers: { host }, body },
            { signingDate: date },
          );
          const search = pairs.map(([name, value]) => `${encodeUri(name)}=${encodeUri(value)}`).join("&");
          const headers = new RequestSigner(own, region).sign({
            origin,
            path: search === "" ? path : `${path}?${search}`,
            body: Buffer.from(body),
            time: date.getTime(),
          });
          const { host: _, ...added } = want.headers;
          expect(Object.fromEntries(pairsOf(headers))).toEqual(added);
        },
      ),
    );
  });

  it("derives a new key when the day changes", () => {
    const signer = new RequestSigner({ accessKeyId: "AKID", secretAccessKey: "secret" }, "eu-west-1");
    const sign = (time: string): string | undefined =>
      signer.sign({ origin: "https://h", path: "/", body: Buffer.alloc(0), time: Date.parse(time) })[1];
    const first = sign("2025-01-01T23:59:59Z");
    expect(sign("2025-01-02T00:00:00Z")).toContain("Credential=AKID/20250102/eu-west-1/bedrock/aws4_request");
    expect(sign("2025-01-01T23:59:59Z")).toBe(first);
  });
});

function pairsOf(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [
    flat[2 * index] ?? "",
    flat[2 * index + 1] ?? "",
  ]);
}
