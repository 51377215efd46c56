import { defineConfig } from "vitest/config";

/**
 * Unit tests and goldens: everything that runs in the process of the test. `e2e/` has a configuration of its own, and so
 * have the tests that need a Kubernetes API server (`vitest.cluster.config.ts`).
 */
export default defineConfig({
  test: {
    pool: "threads",
    // Generous: a cap says that something never happened, not that the machine was busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ["packages/**/*.test.ts", "tools/**/*.test.ts", "bench/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/*.cluster.test.ts"],
  },
});
