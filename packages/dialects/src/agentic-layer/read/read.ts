import { compareFindings, compareText, type Finding } from "@gatewright/plan";
import type { Gateway, Reading, ReadOptions, World } from "../../dialect.ts";
import { originOf, type Resource } from "../../resource.ts";
import { groupOf } from "../../scope.ts";
import { readSpec } from "../../spec.ts";
import { aiGateway } from "../kinds/ai-gateway.ts";
import { aiGatewayClass } from "../kinds/ai-gateway-class.ts";
import { readAiGateway } from "./ai-gateway.ts";
import { readClaims } from "./claim.ts";

/** All claimed AiGateways of a world (agentic-layer.md §3.2, §3.3). Gateways of other operators are left alone. */
export function read(world: World, options: ReadOptions): Reading {
  const claims = readClaims(world);
  const findings: Finding[] = [...claims.findings];
  const gateways: Gateway[] = [];
  for (const resource of world.resources) {
    if (groupOf(resource.apiVersion) !== aiGateway.group) continue;
    if (!isServed(resource)) {
      findings.push(notServed(resource));
      continue;
    }
    if (resource.kind !== aiGateway.kind || options.only?.(resource) === false) continue;
    const className = resource.spec?.["aiGatewayClassName"];
    const claim = claims.decide(resource, typeof className === "string" ? className : undefined);
    if (claim !== true) {
      if (claim !== undefined) findings.push(claim);
      continue;
    }
    const { spec, findings: problems } = readSpec(aiGateway, resource);
    if (spec === undefined) {
      findings.push(...problems);
      continue;
    }
    const gateway = readAiGateway(resource, spec, world, options);
    const more = [...problems, ...nameConflicts(resource, world)];
    gateways.push({ ...gateway, findings: [...gateway.findings, ...more].sort(compareFindings) });
  }
  return {
    gateways: gateways.sort(
      ({ plan: a }, { plan: b }) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name),
    ),
    findings: findings.sort(compareFindings),
  };
}

function isServed({ apiVersion, kind }: Resource): boolean {
  return [aiGateway, aiGatewayClass].some(
    (served) => apiVersion === `${served.group}/${served.version}` && kind === served.kind,
  );
}

function notServed(resource: Resource): Finding {
  const { apiVersion, kind } = resource;
  return {
    code: "KindNotServed",
    effect: "dropped",
    origin: originOf(resource),
    text: `Gatewright does not serve ${kind} of ${apiVersion} yet, so this resource has no effect. Of this group it serves ${aiGateway.kind} and ${aiGatewayClass.kind}, version ${aiGateway.version}.`,
  };
}

/**
 * A ToolGateway of the same name would own the same Deployment, Service and ConfigMap (agentic-layer.md §8, W10). Of
 * the two, only AiGateways are served yet.
 */
function nameConflicts(resource: Resource, world: World): readonly Finding[] {
  const { name, namespace } = resource.metadata;
  const twin = world.resources.some(
    ({ apiVersion, kind, metadata }) =>
      groupOf(apiVersion) === aiGateway.group &&
      kind === "ToolGateway" &&
      metadata.name === name &&
      metadata.namespace === namespace,
  );
  if (!twin) return [];
  return [
    {
      code: "NameConflict",
      effect: "approximated",
      origin: originOf(resource, "metadata.name"),
      text: `A ToolGateway in namespace ${namespace} is called ${name} too, and both stand for a Deployment, a Service and a ConfigMap of the same names. Rename one of them.`,
    },
  ];
}
