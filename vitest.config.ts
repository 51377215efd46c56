import { defineConfig } from "vitest/config";

/** Unit tests and goldens: everything that runs in the process of the test. `e2e/` has a configuration of its own. */
export default defineConfig({
  test: {
    pool: "threads",
    include: ["packages/**/*.test.ts", "tools/**/*.test.ts", "bench/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
  },
});
