import type { Finding } from "@gatewright/plan";
import type { World } from "../../dialect.ts";
import { originOf, type Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { aiGatewayClass } from "../kinds/ai-gateway-class.ts";

/** What `spec.controller` of our classes says (agentic-layer.md §3.1); foreign classes name somebody else. */
const controller = "aigateway.agentic-layer.ai/ai-gateway-litellm-controller";

/** The class that installations ship; it is no default. */
const shippedClass = "litellm";

const defaultAnnotation = "aigatewayclass.kubernetes.io/is-default-class";

/** Which AiGateways are ours. */
export interface Claims {
  /** True, or why not; nothing to say about gateways that are somebody else's. */
  decide(gateway: Resource, className: string | undefined): true | Finding | undefined;
  /** About the classes. */
  readonly findings: readonly Finding[];
}

/**
 * Reads the classes (agentic-layer.md §3.2): a gateway that names a class is ours if that class is, without falling
 * back to a default; one that names none is ours if any of our classes is marked as default.
 *
 * A folder often holds a gateway without its class, which a cluster gets with the installation. So where there is no
 * AiGatewayClass at all the shipped one is taken to exist, and gateways of other classes are reported.
 */
export function readClaims(world: World): Claims {
  const classes = world.resources.filter(
    ({ apiVersion, kind }) =>
      apiVersion === `${aiGatewayClass.group}/${aiGatewayClass.version}` && kind === aiGatewayClass.kind,
  );
  const findings: Finding[] = [];
  const ours = new Set<string>();
  let anyDefault = false;
  for (const resource of classes) {
    const { spec, findings: invalid } = readSpec(aiGatewayClass, resource);
    findings.push(...invalid);
    if (spec?.controller !== controller) continue;
    ours.add(resource.metadata.name);
    anyDefault ||= resource.metadata.annotations?.[defaultAnnotation] === "true";
  }
  if (classes.length === 0) ours.add(shippedClass);
  return {
    findings,
    decide: (gateway, className = "") => {
      if (className === "" ? anyDefault : ours.has(className)) return true;
      return classes.length === 0 ? withoutClasses(gateway, className) : undefined;
    },
  };
}

function withoutClasses(gateway: Resource, className: string): Finding {
  const problem =
    className === ""
      ? "names no class, and there is no AiGatewayClass that is marked as default"
      : `names the class "${className}", and there is no AiGatewayClass of that name`;
  return {
    code: "ClassNotFound",
    effect: "blocked",
    origin: originOf(gateway, "spec.aiGatewayClassName"),
    text: `The AiGateway ${problem}, so nobody serves it. Set spec.aiGatewayClassName to ${shippedClass}, or add the AiGatewayClass.`,
  };
}
