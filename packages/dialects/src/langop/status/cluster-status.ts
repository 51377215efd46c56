import { compareOrigins, type Finding, isJsonObject, type JsonObject } from "@gatewright/plan";
import type { DesiredObjects } from "../../desired-objects.ts";
import { originOf, type Resource } from "../../resource.ts";
import { capacityOf } from "./capacity.ts";
import { degraded } from "./degraded.ts";
import { configServed, gatewayOpen, notAvailable } from "./gateway-condition.ts";
import type {
  ConditionIntent,
  GatewayAccess,
  ObservedDeployment,
  ServedConfiguration,
  StatusIntent,
  StepResult,
} from "./intent.ts";
import { managedResources, networkPolicyReady } from "./member-condition.ts";

/** Outcome of the lookup of a name below `spec.domain`. */
export interface DnsCheck {
  /** The name that was looked up. */
  readonly host: string;
  readonly resolved: boolean;
}

/** Facts the status of a LanguageCluster is made of. */
export interface ClusterStatusInput {
  readonly cluster: Resource;
  /** `status` as it stands, for what this pass cannot know because a step before failed. */
  readonly previous?: JsonObject;
  /** Absent when this pass did not get as far as working it out. */
  readonly desired?: Pick<DesiredObjects, "objects" | "managedResources" | "unresolved">;
  /** About the cluster, its gateway and its models. */
  readonly findings: readonly Finding[];
  /** In the order they were taken. */
  readonly steps: readonly StepResult[];
  /** False when network policies are switched off for the whole installation. */
  readonly networkIsolation: boolean;
  /** Absent when there is none, or it has not been seen yet. */
  readonly deployment?: ObservedDeployment;
  /** Absent when it is not known, as with engine litellm. */
  readonly served?: ServedConfiguration;
  readonly access: GatewayAccess;
  /** Present only when a domain is set and the check is on; absent while the first lookup runs. */
  readonly dns?: DnsCheck;
  /** Members of the namespace; of agents and tools the specs are needed for the sums of limits. */
  readonly members: {
    readonly agents: readonly Pick<Resource, "spec">[];
    readonly tools: readonly Pick<Resource, "metadata" | "spec">[];
    /** Those of all namespaces. */
    readonly runtimes: readonly Pick<Resource, "metadata" | "spec">[];
    readonly models: number;
    readonly personas: number;
  };
}

/** The condition reason of a failed step (langop.md §1.1; OIDC's is ours, since it had none). */
const stepReasons: Readonly<Record<StepResult["step"], string>> = {
  Namespace: "NamespaceError",
  RBAC: "RBACError",
  NetworkPolicy: "NetworkPolicyError",
  Gateway: "GatewayError",
  GatewayIngress: "GatewayIngressError",
  Capacity: "CapacityError",
  OIDC: "OIDCError",
};

/**
 * Status of a LanguageCluster (langop.md §1.1, and §6.2 where it lied): Ready is False whenever any step failed, and
 * until the gateway's pods serve. What a pass did not reach keeps the condition it had.
 */
export function clusterStatus(input: ClusterStatusInput): StatusIntent {
  const failure = failureOf(input);
  const unavailable = notAvailable(input.deployment);
  const gateway = gatewayReady(input, unavailable);
  return {
    phase: failure !== undefined ? "Failed" : unavailable !== undefined ? "Pending" : "Ready",
    conditions: [
      ready(failure, unavailable),
      ...gateway,
      ...networkPolicyOf(input),
      ...capacityReady(input),
      ...dnsConfigured(input.dns),
      ...configServed(input.served),
      ...gatewayOpen(input.access),
      ...degraded(input.findings),
    ],
    fields: {
      ...generationOf(input.cluster),
      gatewayEndpoint: `http://gateway.${input.cluster.metadata.name}.svc.cluster.local:8000`,
      gatewayReady: gateway.some(({ status }) => status === "True"),
      capacity: capacityOf({
        agents: input.members.agents.map(({ spec }) => spec),
        tools: input.members.tools.map(named),
        runtimes: input.members.runtimes.map(named),
        models: input.members.models,
        personas: input.members.personas,
        ...gatewayPods(input),
      }),
      ...managedResources(input),
    },
  };
}

function named({ metadata: { name }, spec }: Pick<Resource, "metadata" | "spec">) {
  return { name, spec };
}

/** The generation a status speaks of; none for a resource that no API server has numbered. */
export function generationOf({ metadata }: Resource): JsonObject {
  return metadata.generation === undefined ? {} : { observedGeneration: metadata.generation };
}

interface Failure {
  readonly reason: string;
  readonly message: string;
}

/** The first failed step; a gateway whose resource cannot be used counts as a failed gateway step. */
function failureOf(input: ClusterStatusInput): Failure | undefined {
  const { steps } = input;
  for (const { step, error } of steps) {
    if (error !== undefined) return { reason: stepReasons[step], message: error };
  }
  const blocked = blockedText(input);
  return blocked === undefined ? undefined : { reason: stepReasons.Gateway, message: blocked };
}

/** Why the gateway as a whole cannot be served as its resource asks. */
function blockedText({ cluster, findings }: ClusterStatusInput): string | undefined {
  const origin = originOf(cluster);
  return findings.find(
    (finding) => finding.effect === "blocked" && compareOrigins(finding.origin, origin) === 0,
  )?.text;
}

function ready(failure: Failure | undefined, unavailable: string | undefined): ConditionIntent {
  const type = "Ready";
  if (failure !== undefined) return { type, status: "False", ...failure };
  if (unavailable !== undefined)
    return { type, status: "False", reason: "PodsNotReady", message: unavailable };
  return { type, status: "True", reason: "ReconcileSuccess", message: "LanguageCluster is ready" };
}

function gatewayReady(
  input: ClusterStatusInput,
  unavailable: string | undefined,
): readonly ConditionIntent[] {
  const type = "GatewayReady";
  const error = errorOf(input, "Gateway") ?? blockedText(input);
  if (error !== undefined) return [{ type, status: "False", reason: "GatewayError", message: error }];
  const ingress = errorOf(input, "GatewayIngress");
  if (ingress !== undefined) {
    return [{ type, status: "False", reason: "GatewayIngressError", message: ingress }];
  }
  if (unavailable !== undefined) {
    return [{ type, status: "False", reason: "PodsNotReady", message: unavailable }];
  }
  if (!wasTaken(input, "Gateway")) return kept(input, type);
  const pods = input.deployment?.readyReplicas ?? 0;
  const message = `${pods} gateway ${pods === 1 ? "pod is" : "pods are"} ready.`;
  return [{ type, status: "True", reason: "GatewayReady", message }];
}

function networkPolicyOf(input: ClusterStatusInput): readonly ConditionIntent[] {
  const { networkIsolation, desired } = input;
  const error = errorOf(input, "NetworkPolicy");
  const { unresolved = [] } = desired ?? {};
  const isUnknown = error === undefined && unresolved.length === 0 && !wasTaken(input, "NetworkPolicy");
  if (networkIsolation && isUnknown) return kept(input, "NetworkPolicyReady");
  return networkPolicyReady({ networkIsolation, error, unresolved });
}

function capacityReady(input: ClusterStatusInput): readonly ConditionIntent[] {
  const type = "CapacityReady";
  const error = errorOf(input, "Capacity");
  if (error !== undefined) return [{ type, status: "False", reason: "CapacityError", message: error }];
  if (!wasTaken(input, "Capacity")) return kept(input, type);
  const message =
    input.cluster.spec?.["capacity"] === undefined
      ? "No capacity is set, so there is no ResourceQuota."
      : "The ResourceQuota langop-quota is in place.";
  return [{ type, status: "True", reason: "ReconcileSuccess", message }];
}

function dnsConfigured(dns: DnsCheck | undefined): readonly ConditionIntent[] {
  if (dns === undefined) return [];
  const { host, resolved } = dns;
  const domain = host.slice(host.indexOf(".") + 1);
  return [
    resolved
      ? {
          type: "DNSConfigured",
          status: "True",
          reason: "WildcardDNSReady",
          message: `Names below ${domain} resolve.`,
        }
      : {
          type: "DNSConfigured",
          status: "False",
          reason: "WildcardDNSMissing",
          message: `${host} does not resolve. Add a DNS record *.${domain} that points at the Ingress controller.`,
        },
  ];
}

function errorOf({ steps }: ClusterStatusInput, step: StepResult["step"]): string | undefined {
  return steps.find((result) => result.step === step && result.error !== undefined)?.error;
}

function wasTaken({ steps }: ClusterStatusInput, step: StepResult["step"]): boolean {
  return steps.some((result) => result.step === step);
}

/** The condition as it stands: what was not looked at has not changed. */
function kept({ previous }: ClusterStatusInput, type: string): readonly ConditionIntent[] {
  const conditions = previous?.["conditions"];
  const standing = (Array.isArray(conditions) ? conditions : []).find(
    (condition) => isJsonObject(condition) && condition["type"] === type,
  ) as JsonObject | undefined;
  if (standing === undefined) return [];
  const { status, reason, message } = standing;
  if (status !== "True" && status !== "False" && status !== "Unknown") return [];
  if (typeof reason !== "string" || typeof message !== "string") return [];
  return [{ type, status, reason, message }];
}

function gatewayPods({ desired, deployment }: ClusterStatusInput) {
  const object = desired?.objects.find(
    ({ kind, metadata }) => kind === "Deployment" && metadata.name === "gateway",
  );
  if (object === undefined) return {};
  const spec = object["spec"] as { replicas?: number; template?: { spec?: unknown } } | undefined;
  return {
    gateway: { podSpec: spec?.template?.spec, replicas: deployment?.replicas ?? spec?.replicas ?? 1 },
  };
}
