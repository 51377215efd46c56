import manifest from "../package.json" with { type: "json" };
import type { Surroundings } from "./surroundings.ts";

/** Image of the operator and of native gateways, when no flag names one. */
export function defaultImage(environment: Surroundings["environment"]): string {
  return environment["GATEWRIGHT_IMAGE"] || `ghcr.io/gatewright/gatewright:${manifest.version}`;
}

/** Image of gateways that run on LiteLLM, when no flag names one. */
export const defaultLitellmImage = "ghcr.io/berriai/litellm:v1.83.14-stable.patch.2";
