import { describe, expect, it } from "vitest";
import { type CacheControls, cacheControls } from "./controls.ts";

const nothing: CacheControls = {
  ttlSeconds: undefined,
  maxAgeSeconds: undefined,
  noCache: false,
  noStore: false,
  namespace: undefined,
  useCache: false,
};

describe("cacheControls", () => {
  const cases: readonly { value: unknown; want: Partial<CacheControls> | undefined }[] = [
    { value: undefined, want: undefined },
    { value: null, want: undefined },
    { value: {}, want: {} },
    { value: { ttl: 300 }, want: { ttlSeconds: 300 } },
    { value: { ttl: 0.5, "s-maxage": 0 }, want: { ttlSeconds: 0.5, maxAgeSeconds: 0 } },
    { value: { "no-cache": true, "no-store": false }, want: { noCache: true } },
    { value: { "no-store": true, "use-cache": true }, want: { noStore: true, useCache: true } },
    { value: { namespace: "team-a:1" }, want: { namespace: "team-a:1" } },
    { value: { ttl: null, namespace: null, "no-cache": null }, want: {} },
    { value: { unknown: 1, no_cache: true }, want: {} },
  ];
  it.each(cases)("$value", ({ value, want }) => {
    expect(cacheControls(value)).toEqual(want === undefined ? undefined : { ...nothing, ...want });
  });

  const wrong: readonly { value: unknown; field: string }[] = [
    { value: true, field: "cache" },
    { value: "no-cache", field: "cache" },
    { value: [], field: "cache" },
    { value: { "no-cache": "true" }, field: "cache.no-cache" },
    { value: { "no-store": 1 }, field: "cache.no-store" },
    { value: { "use-cache": "yes" }, field: "cache.use-cache" },
    { value: { ttl: "300" }, field: "cache.ttl" },
    { value: { ttl: -1 }, field: "cache.ttl" },
    { value: { ttl: Number.POSITIVE_INFINITY }, field: "cache.ttl" },
    { value: { "s-maxage": true }, field: "cache.s-maxage" },
    { value: { namespace: "" }, field: "cache.namespace" },
    { value: { namespace: "a\nb" }, field: "cache.namespace" },
  ];
  it.each(wrong)("refuses $value", ({ value, field }) => {
    expect(cacheControls(value)).toMatchObject({
      status: 400,
      body: { error: { param: field, code: "400", type: "invalid_request_error" } },
    });
  });
});
