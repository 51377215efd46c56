import { describe, expect, it } from "vitest";
import { parseTraceParent, randomId, traceParentText } from "./trace-parent.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

describe("parseTraceParent", () => {
  it.each<[why: string, header: unknown, want: boolean | undefined]>([
    ["sampled", `00-${traceId}-${spanId}-01`, true],
    ["not sampled", `00-${traceId}-${spanId}-00`, false],
    ["further flags", `00-${traceId}-${spanId}-03`, true],
    ["a later version with more in it", `cc-${traceId}-${spanId}-01-what-comes`, true],
    ["this version with more in it", `00-${traceId}-${spanId}-01-more`, undefined],
    ["the version that is forbidden", `ff-${traceId}-${spanId}-01`, undefined],
    ["no trace", `00-${"0".repeat(32)}-${spanId}-01`, undefined],
    ["no span", `00-${traceId}-${"0".repeat(16)}-01`, undefined],
    ["capitals", `00-${traceId.toUpperCase()}-${spanId}-01`, undefined],
    ["too short", `00-${traceId}-01`, undefined],
    ["twice, which Node joins", `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`, undefined],
    ["absent", undefined, undefined],
  ])("%s", (_why, header, sampled) => {
    expect(parseTraceParent(header)).toEqual(
      sampled === undefined ? undefined : { traceId, spanId, sampled },
    );
  });

  it("reads what it writes", () => {
    const [trace, span] = [randomId(16), randomId(8)];
    expect(parseTraceParent(traceParentText(trace, span, true))).toEqual({
      traceId: trace,
      spanId: span,
      sampled: true,
    });
  });

  it("draws ids that differ", () => {
    expect(new Set(Array.from({ length: 5_000 }, () => randomId(8))).size).toBe(5_000);
  });
});
