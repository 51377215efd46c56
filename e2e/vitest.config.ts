import { defineConfig } from "vitest/config";

/**
 * Integration: the bundle in `dist/` as real processes on loopback. Built first by `npm test`.
 * One file at a time: two gateways under load on two cores would measure each other.
 */
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["e2e/**/*.test.ts"],
    exclude: ["**/*.cluster.test.ts"],
    pool: "threads",
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
