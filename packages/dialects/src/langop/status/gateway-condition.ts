import { shortened } from "./degraded.ts";
import type { ConditionIntent, GatewayAccess, ObservedDeployment, ServedConfiguration } from "./intent.ts";

const longestTrouble = 400;

/** Why a gateway does not serve, or undefined when it does: what counts is that pods are ready, not that they were asked for. */
export function notAvailable(deployment: ObservedDeployment | undefined): string | undefined {
  if (deployment === undefined) return "The gateway's Deployment is not there yet.";
  const { replicas, readyReplicas, available, trouble } = deployment;
  if (replicas === 0) return "The gateway is scaled to 0 pods, so nothing is served.";
  if (available) return undefined;
  const pods = `${readyReplicas} of ${replicas} gateway ${replicas === 1 ? "pod is" : "pods are"} ready.`;
  return trouble === undefined ? pods : `${pods} ${shortened(trouble, longestTrouble)}`;
}

/** Condition ConfigServed: how many pods serve the configuration that the resources ask for. */
export function configServed(served: ServedConfiguration | undefined): readonly ConditionIntent[] {
  if (served === undefined) return [];
  const { digest, pods, serving, unreachable, refusal } = served;
  const type = "ConfigServed";
  const message = `${serving} of ${pods} pods serve ${digest}.`;
  if (pods > 0 && serving >= pods) {
    return [{ type, status: "True", reason: "ConfigServed", message: message.slice(0, -1) }];
  }
  if (refusal !== undefined) {
    const text = `${message} A pod refuses it and keeps serving the one before: ${shortened(refusal, longestTrouble)}`;
    return [{ type, status: "False", reason: "ConfigRefused", message: text }];
  }
  if (unreachable > 0) {
    const text = `${message} ${unreachable} could not be asked on the health port: check that the operator may connect to the gateway's pods.`;
    return [{ type, status: "False", reason: "NotReachable", message: text }];
  }
  return [{ type, status: "False", reason: "ConfigPending", message }];
}

const openBecause: Readonly<Record<GatewayAccess["decidedBy"], { reason: string; text: string }>> = {
  default: {
    reason: "KeysNotChecked",
    text: "Set the annotation gatewright.dev/agent-keys to required to close it.",
  },
  annotation: {
    reason: "OpenByAnnotation",
    text: "The annotation gatewright.dev/agent-keys: open asks for it.",
  },
  adopted: {
    reason: "AdoptedOpen",
    text: "It was open under the operator it was taken over from, and its clients may have no keys. Set the annotation gatewright.dev/agent-keys to required to close it, or to open to keep it so.",
  },
  engine: {
    reason: "MasterKeyMissing",
    text: "LiteLLM checks no agent keys. Set LITELLM_MASTER_KEY in spec.gateway.deployment.env from a Secret, or use the native engine.",
  },
  standalone: {
    reason: "StandaloneGateway",
    text: "The gateway of a single model has no agents to give keys to. A LanguageCluster named like the namespace gives it a gateway that checks them.",
  },
};

/**
 * Condition GatewayOpen: True when anybody who reaches the gateway can spend its keys, False when an annotation closed
 * it; absent when it is closed because that is how gateways are.
 */
export function gatewayOpen({ keys, decidedBy }: GatewayAccess): readonly ConditionIntent[] {
  const type = "GatewayOpen";
  if (keys === "open") {
    const { reason, text } = openBecause[decidedBy];
    const message = `Any client that reaches the gateway can use its models without a key. ${text}`;
    return [{ type, status: "True", reason, message }];
  }
  if (decidedBy !== "annotation") return [];
  const message = "Clients need an agent key: the annotation gatewright.dev/agent-keys says so.";
  return [{ type, status: "False", reason: "AgentKeysRequired", message }];
}
