/** Namespaces that ingress controllers and gateways are installed to by their own instructions. */
const usual: ReadonlySet<string> = new Set([
  "contour",
  "envoy-gateway-system",
  "haproxy-controller",
  "ingress-nginx",
  "istio-ingress",
  "kong",
  "nginx-gateway",
  "nginx-ingress",
  "projectcontour",
  "traefik",
]);

/** Whether an ingress controller usually runs in a namespace of this name. */
export function isIngressControllerNamespace(name: string): boolean {
  return usual.has(name);
}

/**
 * Namespaces from where published workloads are called: the one that the operator was told (`--ingress-controller-namespace`),
 * else those that are there of the usual names (langop.md §3.9 "auto-detected").
 */
export function ingressControllerNamespaces(
  told: string | undefined,
  present: Iterable<string>,
): readonly string[] {
  return told === undefined ? [...present].filter(isIngressControllerNamespace).sort() : [told];
}
