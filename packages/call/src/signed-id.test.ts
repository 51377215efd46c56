import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signedId, splitId } from "./signed-id.ts";

describe("signedId", () => {
  it("holds any signature, in letters that all APIs take", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const signature = Buffer.from(bytes).toString("base64");
        const id = signedId("call_1", signature);
        expect(id).toMatch(/^call_1__thought__[A-Za-z0-9_-]+$/);
        expect(splitId(id)).toEqual({ id: "call_1", signature });
      }),
    );
  });

  it("is LiteLLM's, which leaves the signature as it is", () => {
    expect(splitId("call_1__thought__+/8=")).toEqual({ id: "call_1", signature: "+/8=" });
  });

  it.each([undefined, "", "no base64", "abc"])("is the id alone with the signature %j", (signature) => {
    expect(signedId("call_1", signature)).toBe("call_1");
    expect(splitId("call_1")).toEqual({ id: "call_1" });
  });
});
