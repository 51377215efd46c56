import { blockers, type Gateway } from "@gatewright/dialects";
import type { Effect, Origin } from "@gatewright/plan";
import { expect, test } from "vitest";
import { goldenOptions } from "./golden.ts";

test("an input says why it is there and how it is run", () => {
  expect(
    goldenOptions(
      "# One reason,\n# over two lines.\n# engine: native\n# secrets: complete\nkind: A\n# engine: litellm\n",
    ),
  ).toEqual({
    why: "One reason, over two lines.",
    engine: "native",
    objects: false,
    secrets: "complete",
  });
  expect(goldenOptions("# Why.\n# objects: yes\n")).toEqual({
    why: "Why.",
    objects: true,
    secrets: "partial",
  });
});

test.each([
  ["no reason", "kind: A\n", /says why/],
  ["options alone", "# engine: native\n", /says why/],
  ["a wrong engine", "# Why.\n# engine: nativ\n", /native or litellm/],
  ["wrong objects", "# Why.\n# objects: all\n", /yes or no/],
  ["wrong secrets", "# Why.\n# secrets: all\n", /complete or partial/],
])("an input is refused for %s", (_, input, message) => {
  expect(() => goldenOptions(input)).toThrow(message);
});

const origin: Origin = { apiVersion: "a/v1", kind: "AiGateway", namespace: "ns", name: "gw" };

test.each<{ name: string; effect: Effect; about: Origin; blocks: boolean }>([
  { name: "blocked as a whole", effect: "blocked", about: origin, blocks: true },
  {
    name: "one of its fields is blocked",
    effect: "blocked",
    about: { ...origin, path: "spec.x" },
    blocks: false,
  },
  {
    name: "another resource is blocked",
    effect: "blocked",
    about: { ...origin, name: "other" },
    blocks: false,
  },
  { name: "approximated", effect: "approximated", about: origin, blocks: false },
])(
  "a gateway is kept from being served only when it is itself blocked: $name",
  ({ effect, about, blocks }) => {
    const finding = { code: "A", effect, origin: about, text: "" };
    const gateway = { plan: { origin }, findings: [] } as unknown as Gateway;
    expect(blockers(gateway, [finding])).toEqual(blocks ? [finding] : []);
  },
);
