import fc from "fast-check";
import { expect, it } from "vitest";
import { isPlainSubpath } from "./subpath.ts";

it.each(["/", "/v1", "/v1/", "/v1/a.b/..c/...", "/v1/a%20b;c=1/~x@y:z", "/.well-known/x"])(
  "takes %s",
  (path) => {
    expect(isPlainSubpath(path)).toBe(true);
  },
);

it.each([
  "",
  "v1",
  "//",
  "//host/x",
  "/v1//x",
  "/..",
  "/../x",
  "/v1/../../x",
  "/v1/.",
  "/./x",
  "/%2e%2e/x",
  "/.%2E/x",
  "/%2e",
  "/..;/x",
  "/..;a=b/x",
  "/a%2f..%2fx",
  "/a%2Fb",
  "/a\\..\\b",
  "/a%5cb",
  "/%252e%252e/x",
  "/a%00",
  "/a#b",
  "/a b",
  "/é",
  "/a\r\nb",
])("refuses %j", (path) => {
  expect(isPlainSubpath(path)).toBe(false);
});

it("lets nothing through that a URL parser takes out of its folder, or to another host", () => {
  const piece = fc.constantFrom(
    "/",
    ".",
    "..",
    "%2e",
    "%2F",
    "\\",
    "a",
    ";",
    "@",
    ":",
    "//",
    "%5c",
    "?",
    "http:",
    "%25",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const path = `/${pieces.join("")}`;
      fc.pre(isPlainSubpath(path) && !path.includes("?"));
      const url = new URL(`https://host/base${path}`);
      expect([url.origin, url.pathname]).toEqual(["https://host", `/base${path}`]);
      expect(new URL(`https://host/base${decodeURIComponent(path)}`).pathname.startsWith("/base/")).toBe(
        true,
      );
    }),
  );
});
