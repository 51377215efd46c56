import process from "node:process";
import { findKubernetesPrograms } from "../packages/testkit/src/kubernetes/programs.ts";
import { checkSteps, clusterStep, integrationSteps } from "./check-steps.ts";
import { conclude, runSteps, type Totals } from "./step.ts";

/**
 * `npm test`: the gate, then the bundle, then the tests against a Kubernetes API server and the integration tests, one
 * after the other. The later ones run even when the gate failed (one run tells everything), but not without a bundle.
 */
const totals = [await runSteps(checkSteps)];
for (const step of integrationSteps) {
  const result =
    (step === clusterStep ? await withoutKubernetes() : undefined) ?? (await runSteps([step], 1));
  totals.push(result);
  if (step.name === "build" && result.failed > 0) break;
}
conclude({
  passed: totals.reduce((sum, { passed }) => sum + passed, 0),
  failed: totals.reduce((sum, { failed }) => sum + failed, 0),
});

/**
 * Finds or builds the Kubernetes programs here, where the progress of a build of minutes is seen. Undefined: they are
 * there. Without them the suites are skipped, which must not pass for success where nobody reads what was skipped.
 */
async function withoutKubernetes(): Promise<Totals | undefined> {
  const reason = await findKubernetesPrograms().then(
    (found) => {
      if (found.programs === undefined) return found.reason;
      if (found.programs.kubeControllerManager !== undefined) return undefined;
      return "KUBEBUILDER_ASSETS has no kube-controller-manager: add it, or unset the variable to have all four built";
    },
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (reason === undefined) return undefined;
  const inPipeline = !["", "0", "false"].includes(process.env["CI"] ?? "");
  const verdict = inPipeline ? "failed" : "skipped";
  process.stdout.write(`${clusterStep.name.padEnd(12)} ${verdict}: every *.cluster.test.ts. ${reason}.\n`);
  return { passed: 0, failed: inPipeline ? 1 : 0 };
}
