import {
  type Assembly,
  assemble,
  check,
  compareFindings,
  type Finding,
  type Overlay,
  type Part,
} from "@gatewright/plan";
import { readAnnotations } from "../../annotations.ts";
import type { Gateway, ReadOptions, World } from "../../dialect.ts";
import { originOf, type Resource } from "../../resource.ts";
import type { AiGatewaySpec } from "../kinds/ai-gateway.ts";
import { missingKeys } from "./credential.ts";
import { readExposure } from "./exposure.ts";
import { readGuards } from "./guard.ts";
import { readModels } from "./model.ts";
import { checkPatch, readPatch } from "./overlay.ts";
import { readRoute } from "./route.ts";
import { readTelemetry } from "./telemetry.ts";
import { readEnvironment, readWorkload, textVariables } from "./workload.ts";

/** One claimed AiGateway as a gateway (agentic-layer.md §3.3, §3.4). */
export function readAiGateway(
  resource: Resource,
  spec: AiGatewaySpec,
  world: World,
  options: ReadOptions,
): Gateway {
  const annotations = readAnnotations(resource, options.engine);
  const environment = readEnvironment(resource, spec, world);
  const parts: readonly Part[] = [
    ...readModels(resource, spec, environment),
    readRoute(resource),
    readTelemetry(resource),
    readExposure(resource, spec),
    ...readWorkload(resource, spec, environment),
  ];
  const planWith = (overlay: Overlay | undefined): Assembly =>
    assemble(
      {
        dialect: "agentic-layer",
        namespace: resource.metadata.namespace ?? "",
        name: resource.metadata.name,
        origin: originOf(resource),
        engine: annotations.engine,
        // The original writes structs when nothing is patched and generic, hence sorted, maps when something is.
        layout: { indent: 4, keys: overlay === undefined ? "contract" : "sorted" },
        ...(annotations.allowUnsupported === undefined
          ? {}
          : { allowUnsupported: annotations.allowUnsupported }),
      },
      overlay === undefined ? parts : [...parts, { concern: "overlay", value: overlay }],
    );
  const patch = readPatch(resource, world);
  const patched = planWith(patch.overlay);
  const unusable = patch.finding ?? checkPatch(resource, patched.plan);
  const { plan, findings: conflicts } = unusable === undefined ? patched : planWith(undefined);
  const findings: readonly Finding[] = [
    ...annotations.findings,
    ...environment.findings,
    ...missingKeys(
      spec.aiModels.map(({ provider }) => provider),
      resource,
      environment,
      world,
    ),
    ...readGuards(resource, spec),
    ...(unusable === undefined ? [] : [unusable]),
    ...conflicts,
    ...check(plan),
  ];
  const clear = textVariables(environment);
  return {
    plan,
    findings: [...findings].sort(compareFindings),
    ...(Object.keys(clear).length === 0 ? {} : { environment: clear }),
  };
}
