import { checkSteps, integrationSteps } from "./check-steps.ts";
import { conclude, runSteps } from "./step.ts";

/**
 * `npm test`: the gate, then the bundle, then the integration tests, one after the other.
 * Integration runs even when the gate failed (one run tells everything), but not without a bundle.
 */
const totals = [await runSteps(checkSteps)];
for (const step of integrationSteps) {
  const result = await runSteps([step], 1);
  totals.push(result);
  if (step.name === "build" && result.failed > 0) break;
}
conclude({
  passed: totals.reduce((sum, { passed }) => sum + passed, 0),
  failed: totals.reduce((sum, { failed }) => sum + failed, 0),
});
