import type { JsonObject } from "@gatewright/plan";
import { originOf } from "../../resource.ts";
import type { Found, Instance } from "./instance.ts";

/** `extra` of generalSettings and litellmSettings: fills what no field has set (palena.md §2.3). */
export function* readOverlays({ resource, spec }: Instance): Found {
  const blocks = [
    ["general_settings", "spec.generalSettings.extra", spec.generalSettings?.extra],
    ["litellm_settings", "spec.litellmSettings.extra", spec.litellmSettings?.extra],
  ] as const;
  for (const [block, path, value] of blocks) {
    if (value === undefined || Object.keys(value).length === 0) continue;
    // A resource is JSON, and the schema takes any value here.
    const filling = value as JsonObject;
    yield {
      concern: "overlay",
      value: { origin: originOf(resource, path), kind: "fill", block, value: filling },
    };
  }
}
