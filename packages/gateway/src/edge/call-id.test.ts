import { describe, expect, it } from "vitest";
import { callIds } from "./call-id.ts";

describe("callIds", () => {
  it("gives every call of every process another id, in the form of a UUID", () => {
    const processes = [callIds(), callIds()];
    const ids = processes.flatMap((next) => Array.from({ length: 5000 }, () => next()));
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
