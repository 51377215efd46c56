import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** One half of V8's young generation may be doubled until it has this many bytes: it becomes 8 MB, some of it V8's own. */
const ENOUGH = 6 << 20;

let held = false;

/**
 * Keeps V8's heap small without keeping it slow. Left alone, V8 lets the young generation grow to 128 MB under load, and
 * the old one to twice what is alive: 285 MB resident for 17 MB alive. So the old one is collected sooner, and the young
 * one grows only up to `ENOUGH`. That has to be looked after: in quiet times V8 shrinks it to 1 MB, and held there it would
 * cost 20 µs a request from then on, as each collection would find most requests still under way
 * (docs/decisions/2026-11-28-hot-path.md). Settings of the process: a second gateway in it has nothing to add.
 */
export function holdYoungGeneration(): void {
  if (held) return;
  held = true;
  setFlagsFromString("--heap-growing-percent=20");
  let factor = 0;
  const look = (): void => {
    const wanted = youngGenerationBytes() < ENOUGH ? 2 : 1;
    if (wanted === factor) return;
    factor = wanted;
    setFlagsFromString(`--semi-space-growth-factor=${factor}`);
  };
  look();
  // It grows and shrinks in collections, and needs several to double.
  new PerformanceObserver(look).observe({ entryTypes: ["gc"] });
}

/** Size of one half, of which objects live in one at a time. */
export function youngGenerationBytes(): number {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
  return space === undefined ? 0 : space.space_used_size + space.space_available_size;
}
