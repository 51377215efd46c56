import manifest from "../../packages/cli/package.json" with { type: "json" };

/** Namespace of the operator. */
export const operatorNamespace = "gatewright-system";

/** ServiceAccount of the operator. */
export const serviceAccountName = "gatewright";

/** The one image: operator and native gateways. */
export const image = `ghcr.io/gatewright/gatewright:${manifest.version}`;

/**
 * On everything in the install files but the definitions: `kubectl delete -l` with it takes the operator away and
 * leaves the definitions, and so every resource and every running gateway, where they are.
 */
export const labels = {
  "app.kubernetes.io/name": "gatewright",
  "app.kubernetes.io/part-of": "gatewright",
} as const;

/** Ports of the operator's container, by name. */
export const ports = { metrics: 8080, health: 8081, webhook: 9443 } as const;
