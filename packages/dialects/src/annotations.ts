import type { Engine, Finding } from "@gatewright/plan";
import { originText } from "@gatewright/plan";
import { originOf, type Resource } from "./resource.ts";

/** What the annotations of a gateway's resource say, in any dialect. */
export interface GatewayAnnotations {
  readonly engine: Engine;
  /** Protective settings the user accepts to go without; a header member, absent when there are none. */
  readonly allowUnsupported?: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * Reads `gatewright.dev/engine` (native or litellm) and `gatewright.dev/allow-unsupported` (setting names, separated
 * by commas or white space). An engine that does not exist is reported and leaves `defaultEngine` in charge.
 */
export function readAnnotations(resource: Resource, defaultEngine: Engine): GatewayAnnotations {
  const annotations = resource.metadata.annotations ?? {};
  const engine = annotations["gatewright.dev/engine"];
  const allowed = (annotations["gatewright.dev/allow-unsupported"] ?? "")
    .split(/[\s,]+/u)
    .filter((name) => name !== "");
  const known = engine === "native" || engine === "litellm" ? engine : undefined;
  const origin = originOf(resource, "metadata.annotations[gatewright.dev/engine]");
  return {
    engine: known ?? defaultEngine,
    ...(allowed.length === 0 ? {} : { allowUnsupported: allowed }),
    findings:
      engine === undefined || known !== undefined
        ? []
        : [
            {
              code: "UnknownEngine",
              effect: "dropped",
              origin,
              text: `${originText(origin)} is neither native nor litellm, so the gateway runs on ${defaultEngine}.`,
            },
          ],
  };
}
