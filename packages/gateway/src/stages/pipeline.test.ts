import { describe, expect, it } from "vitest";
import type { Exchange } from "../exchange.ts";
import { pipeline } from "./pipeline.ts";

describe("pipeline", () => {
  it("answers 500 for a stage that throws, also when that happens later", async () => {
    const failures: number[] = [];
    const crashes: unknown[] = [];
    const exchange = {
      fail: ({ status }: { status: number }) => failures.push(status),
    } as unknown as Exchange;
    const defect = new Error("a defect");
    const later = pipeline(
      [
        (one, next) => void setImmediate(() => next(one)),
        () => {
          throw defect;
        },
      ],
      (error) => crashes.push(error),
    );
    later(exchange);
    await new Promise((resolve) => setImmediate(resolve));
    expect(failures).toEqual([500]);
    expect(crashes).toEqual([defect]);
  });
});
