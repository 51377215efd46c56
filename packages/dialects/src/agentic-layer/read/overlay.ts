import { checkDocument, documentOf } from "@gatewright/litellm";
import { type Finding, type GatewayPlan, isJsonObject, type Overlay } from "@gatewright/plan";
import type { World } from "../../dialect.ts";
import { fieldPath } from "../../field-path.ts";
import { readGoYaml } from "../../go-yaml.ts";
import { originOf, type Resource } from "../../resource.ts";

/** On an AiGateway: the ConfigMap of its namespace whose patch is laid over the generated document. */
export const patchAnnotation = "ai-gateway-litellm.agentic-layer.ai/config-patch";

const patchKey = "patch.yaml";

/** The config patch of a gateway. Both members are absent when there is nothing to patch. */
export interface PatchReading {
  readonly overlay?: Overlay;
  /** `ConfigPatchInvalid`, on the gateway itself: it keeps running as it was, or does not start. */
  readonly finding?: Finding;
}

/**
 * Reads the config patch (agentic-layer.md §3.5): the first YAML document of `patch.yaml`. An empty annotation, an
 * empty document, `null` and `{}` are no patch.
 */
export function readPatch(resource: Resource, world: World): PatchReading {
  const name = resource.metadata.annotations?.[patchAnnotation] ?? "";
  if (name === "") return {};
  if (name === `${resource.metadata.name}-config`) {
    return invalid(
      resource,
      `configmap "${name}" is the one that is generated for this gateway, so a patch in it would be overwritten`,
      "Keep the patch in a ConfigMap of another name.",
    );
  }
  const data = world.configMap(resource.metadata.namespace ?? "", name);
  if (data === undefined) {
    return invalid(
      resource,
      `configmap "${name}" not found`,
      `Create it in namespace ${resource.metadata.namespace} with the patch under the key ${patchKey}, or remove the annotation ${patchAnnotation}.`,
    );
  }
  const text = data[patchKey];
  if (text === undefined) {
    const keys = Object.keys(data).sort();
    return invalid(
      resource,
      `configmap "${name}" has no key "${patchKey}"`,
      keys.length === 0 ? "It is empty." : `It has ${keys.join(", ")}.`,
    );
  }
  const [document] = readGoYaml(text, "patch");
  const [problem] = document?.problems ?? [];
  if (problem !== undefined) {
    return invalid(
      resource,
      `configmap "${name}": ${patchKey} is not valid YAML: line ${problem.line}: ${problem.text}`,
      "Correct the patch.",
    );
  }
  const value = document?.value;
  if (value === undefined) return {};
  if (!isJsonObject(value)) {
    return invalid(
      resource,
      `configmap "${name}": ${patchKey} is not a map`,
      "A patch is a piece of a LiteLLM configuration, for example `litellm_settings: {drop_params: true}`.",
    );
  }
  if (Object.keys(value).length === 0) return {};
  return { overlay: { origin: originOf(resource, patchPath), kind: "merge-patch", value } };
}

/**
 * What of a patched plan would not load: a patch that gives a setting a value it cannot have is refused here, where the
 * last good configuration still runs, and not at the start of the gateway.
 */
export function checkPatch(resource: Resource, plan: GatewayPlan): Finding | undefined {
  if (plan.overlay.length === 0) return undefined;
  const problems = checkDocument(documentOf(plan).document).filter(({ severity }) => severity === "error");
  if (problems.length === 0) return undefined;
  const name = resource.metadata.annotations?.[patchAnnotation] ?? "";
  return invalid(
    resource,
    `configmap "${name}": with ${patchKey} the configuration would not load`,
    ...problems.map(({ path, text }) => `${path} ${text}`),
  ).finding;
}

const patchPath = fieldPath(["metadata", "annotations", patchAnnotation]);

function invalid(resource: Resource, ...sentences: readonly string[]): { readonly finding: Finding } {
  return {
    finding: {
      code: "ConfigPatchInvalid",
      effect: "blocked",
      origin: originOf(resource),
      // Scripts look for the phase and for `configmap "x" not found` in this message.
      text: `ConfigPatch reconcile failed: ${sentences.map((sentence) => sentence.replace(/\.$/, "")).join(". ")}.`,
    },
  };
}
