import type { Step } from "./step.ts";

const vitest = "node_modules/vitest/vitest.mjs";
const reporters = ["--reporter=default", "--reporter=./tools/vitest-counts.ts"];

/** What `npm run check` runs. The longest comes first, so that the short ones fill the other core beside it. */
export const checkSteps: readonly Step[] = [
  { name: "unit", run: [vitest, "run", ...reporters], tests: true },
  {
    name: "format+lint",
    run: ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."],
  },
  { name: "types", run: ["node_modules/typescript/bin/tsc", "--pretty", "false"] },
  { name: "lint (types)", run: ["node_modules/oxlint/bin/oxlint", "--deny-warnings"] },
  { name: "imports", run: ["tools/imports.ts"] },
  { name: "sizes", run: ["tools/sizes.ts"] },
  { name: "generated", run: ["tools/generate.ts", "--check"] },
  { name: "lock", run: ["tools/lock.ts", "--check"] },
];

/** The tests against a real Kubernetes API server; they need its programs. */
export const clusterStep: Step = {
  name: "cluster",
  run: [vitest, "run", "--config", "vitest.cluster.config.ts", ...reporters],
  tests: true,
};

/** Bundles, then drives the bundle as real processes. In this order: the tests need the bundle. */
export const integrationSteps: readonly Step[] = [
  { name: "build", run: ["tools/build.ts"] },
  clusterStep,
  {
    name: "integration",
    run: [vitest, "run", "--config", "e2e/vitest.config.ts", ...reporters],
    tests: true,
  },
];
