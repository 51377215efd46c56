import { defineConfig } from "vitest/config";

/**
 * Tests against a real Kubernetes API server, named `*.cluster.test.ts`: one server for all.
 * Those in `e2e/` drive the bundle, which `npm test` builds first.
 * One file at a time: the server takes what a second file would need of two cores.
 */
export default defineConfig({
  test: {
    pool: "threads",
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    include: ["packages/**/*.cluster.test.ts", "e2e/**/*.cluster.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: ["packages/testkit/src/kubernetes/shared-setup.ts"],
  },
});
