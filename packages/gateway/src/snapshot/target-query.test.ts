import { expect, it } from "vitest";
import { targetQuery } from "./target-query.ts";

const own = [
  ["limit", "1"],
  ["key", "a b"],
] as const;
const defaults = [["version", "2"]] as const;

it.each([
  { name: "nothing", client: "", query: { own: [], merged: false, defaults: [] }, want: "" },
  {
    name: "the client's alone",
    client: "a=%20&b",
    query: { own: [], merged: false, defaults: [] },
    want: "a=%20&b",
  },
  {
    name: "the target's own",
    client: "",
    query: { own, merged: false, defaults: [] },
    want: "limit=1&key=a+b",
  },
  { name: "the client's instead", client: "a=1", query: { own, merged: false, defaults: [] }, want: "a=1" },
  { name: "both", client: "a=1", query: { own, merged: true, defaults: [] }, want: "limit=1&key=a+b&a=1" },
  {
    name: "the client's value",
    client: "limit=9",
    query: { own, merged: true, defaults: [] },
    want: "key=a+b&limit=9",
  },
  { name: "defaults", client: "a=1", query: { own, merged: false, defaults }, want: "version=2&a=1" },
  {
    name: "no default the client overrides",
    client: "version=3",
    query: { own, merged: true, defaults },
    want: "limit=1&key=a+b&version=3",
  },
  {
    name: "no default the target has",
    client: "",
    query: { own: defaults, merged: false, defaults: [["version", "9"]] },
    want: "version=2",
  },
] as const)("sends $name", ({ client, query, want }) => {
  expect(targetQuery(client, query)).toBe(want);
});
