import { defineConfig } from "vitest/config";

/**
 * Tests against a real Kubernetes API server, which lie beside the code as `*.cluster.test.ts`: one server for all.
 * One file at a time: the server takes what a second file would need of two cores.
 */
export default defineConfig({
  test: {
    pool: "threads",
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    include: ["packages/**/*.cluster.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: ["packages/testkit/src/kubernetes/shared-setup.ts"],
  },
});
