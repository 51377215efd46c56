import { Secret } from "@gatewright/litellm";
import { describe, expect, it } from "vitest";
import { type PassThroughMatch, passThroughsOf } from "./pass-through.ts";

type Endpoints = Parameters<typeof passThroughsOf>[0];

const variables: { readonly [name: string]: string } = { KEY: "sk-target", BROKEN: "a\r\nb" };

function prepared(endpoints: Endpoints, missing: readonly (readonly [string, string])[] = []) {
  return passThroughsOf(endpoints, {
    lookup: (name) => (variables[name] === undefined ? undefined : new Secret(variables[name])),
    missing: new Map(missing),
    timeoutMilliseconds: 1000,
  });
}

function find(endpoints: Endpoints, target: string): PassThroughMatch | undefined {
  return prepared(endpoints).passThroughs.find(target);
}

const target = "https://api.example.org/base/";

describe("an endpoint", () => {
  it.each([
    { request: "/a", want: "/base/" },
    { request: "/a?b=1", want: "/base/?b=1" },
    { request: "/a/", want: undefined },
    { request: "/a/b", want: undefined },
    { request: "/ab", want: undefined },
    { request: "https://api.example.org/a", want: undefined },
  ])("without subpaths takes $request to $want", ({ request, want }) => {
    expect(find([{ path: "/a", target }], request)?.target).toBe(want);
  });

  it.each([
    { request: "/a", want: "/base" },
    { request: "/a/", want: "/base/" },
    { request: "/a/b/c?d=e%20f&g", want: "/base/b/c?d=e%20f&g" },
    { request: "/ab", want: undefined },
    { request: "/a/../b", want: undefined },
    { request: "/a//evil.example.org", want: undefined },
    { request: "/a/%2e%2e/b", want: undefined },
    { request: "/a/b?c d", want: undefined },
  ])("with subpaths takes $request to $want", ({ request, want }) => {
    expect(find([{ path: "a/", target, include_subpath: true }], request)?.target).toBe(want);
  });

  it("takes the whole host when its target has no path", () => {
    const endpoints = [{ path: "/a", target: "http://host:81", include_subpath: true }];
    expect(find(endpoints, "/a")).toMatchObject({ target: "/", endpoint: { origin: "http://host:81" } });
    expect(find(endpoints, "/a/v1/x")?.target).toBe("/v1/x");
  });

  it("is the nearest of those above a path", () => {
    const endpoints = ["/a", "/a/b", "/a/b/c"].map((path) => ({
      ...{ path, target: `https://host${path.replaceAll("/", "-")}` },
      include_subpath: path !== "/a/b/c",
    }));
    expect(find(endpoints, "/a/b/c")?.endpoint.path).toBe("/a/b/c");
    expect(find(endpoints, "/a/b/c/d")?.endpoint.path).toBe("/a/b");
    expect(find(endpoints, "/a/bc")?.endpoint.path).toBe("/a");
  });

  it("has the headers that are configured, references in them resolved", () => {
    const headers = {
      Authorization: "bearer os.environ/KEY",
      "X-Both": "os.environ/KEY:os.environ/KEY",
      Connection: "close",
      Host: "elsewhere",
    };
    expect(find([{ path: "/a", target, headers }], "/a")?.endpoint.headers).toEqual([
      ...["authorization", "bearer sk-target"],
      ...["x-both", "sk-target:sk-target"],
    ]);
    const langfuse = { LANGFUSE_PUBLIC_KEY: "pk", LANGFUSE_SECRET_KEY: "os.environ/KEY" };
    expect(find([{ path: "/a", target, headers: langfuse }], "/a")?.endpoint.headers).toEqual([
      "authorization",
      `Basic ${Buffer.from("pk:sk-target").toString("base64")}`,
    ]);
  });

  it("needs no key unless it says so, and is for all methods unless it names some", () => {
    expect(find([{ path: "/a", target }], "/a")?.endpoint).toMatchObject({
      keyNeeded: false,
      forwardsHeaders: false,
      cost: 0,
      methods: expect.arrayContaining(["GET", "DELETE"]),
    });
    const more = { auth: true, methods: ["post"], forward_headers: true, cost_per_request: 0.5 };
    expect(find([{ path: "/a", target, ...more }], "/a")?.endpoint).toMatchObject({
      ...{ keyNeeded: true, methods: ["POST"], forwardsHeaders: true, cost: 5e11 },
    });
  });
});

it.each<[why: string, endpoint: Endpoints[number]]>([
  ["the gateway itself serves this path", { path: "/v1/chat/completions", target }],
  ["the gateway itself serves this path", { path: "/health", target, include_subpath: true }],
  ["its path is none", { path: "/", target, include_subpath: true }],
  ["its path is none", { target }],
  ["its path is none", { path: "/a/../b", target }],
  ["no http or https URL", { path: "/b", target: "custom_callbacks.adapter" }],
  ["no http or https URL", { path: "/b", target: "file:///etc/passwd" }],
  ["no http or https URL", { path: "/b" }],
  ["holds credentials", { path: "/b", target: "https://user:sk-1@host" }],
  [
    "needs os.environ/ABSENT, which is not set",
    { path: "/b", target, headers: { a: "x os.environ/ABSENT" } },
  ],
  ['"a" cannot be sent', { path: "/b", target, headers: { a: "os.environ/BROKEN" } }],
  ["TRACE is not passed through", { path: "/b", target, methods: ["TRACE"] }],
  ["another one with the same path", { path: "/a/", target }],
])("leaves one out because %s", (why, endpoint) => {
  const { passThroughs, warnings } = prepared([{ path: "/a", target }, endpoint]);
  expect(warnings).toEqual([expect.stringContaining(why)]);
  expect(warnings[0]).toMatch(/^general_settings\.pass_through_endpoints\[1\]/);
  expect(warnings[0]).not.toContain("sk-");
  expect(passThroughs.origins).toEqual(["https://api.example.org"]);
});

it("leaves one out whose header was a reference without a value", () => {
  const place = "general_settings.pass_through_endpoints[0].headers.authorization";
  const { warnings } = prepared([{ path: "/a", target, headers: {} }], [[place, "ABSENT"]]);
  expect(warnings).toEqual([expect.stringContaining("header authorization needs os.environ/ABSENT")]);
});
