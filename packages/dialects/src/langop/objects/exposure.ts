import {
  httpRoute,
  ingress as ingressOf,
  isServiceName,
  metadata,
  ownedBy,
  type ServicePort,
  service,
} from "@gatewright/kubernetes";
import { compareText, type Finding } from "@gatewright/plan";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import type { LanguageClusterSpec } from "../kinds/language-cluster.ts";
import { fieldFinding } from "../read/entry.ts";
import { gatewaySelector, modelServiceLabel, owned } from "./label.ts";
import type { Piece } from "./piece.ts";
import { tlsOf } from "./tls.ts";

/** Annotation that publishes the gateway at a Gateway of the Gateway API, `<namespace>/<name>`. */
export const gatewayParentAnnotation = "gatewright.dev/gateway-parent";

const httpPort: ServicePort = { name: "http", port: 8000, targetPort: 4000 };

/** Ports of a Service in place of one that the first generation made: its README says 4000 (langop.md §4.3). */
export const modelPorts: readonly ServicePort[] = [
  httpPort,
  { name: "direct", port: 4000, targetPort: 4000 },
];

/** The Service of the shared gateway (langop.md §3.1). */
export function gatewayService(cluster: Resource, spec: LanguageClusterSpec): Piece {
  const namespace = cluster.metadata.name;
  const selector = gatewaySelector(namespace);
  const deployment = spec.gateway?.deployment;
  const of = metadata({
    name: "gateway",
    namespace,
    labels: owned(selector),
    annotations: deployment?.serviceAnnotations,
    ownerReferences: ownedBy(cluster),
  });
  return {
    objects: [service(of, { selector, ports: [httpPort], type: deployment?.serviceType })],
    findings: [],
  };
}

/**
 * Services named after the models, so that addresses of the first generation lead to the shared gateway (decisions).
 * `own`: names of the cluster's other Services, and whose they are.
 */
export function modelServices(
  cluster: Resource,
  models: readonly Resource[],
  serviceNameFree: (name: string) => boolean,
  own: ReadonlyMap<string, string>,
): Piece {
  const namespace = cluster.metadata.name;
  const selector = gatewaySelector(namespace);
  const sorted = [...models].sort((a, b) => compareText(a.metadata.name, b.metadata.name));
  const taken = sorted.map((model) => ({
    model,
    why: nameProblem(model.metadata.name, serviceNameFree, own),
  }));
  return {
    objects: taken
      .filter(({ why }) => why === undefined)
      .map(({ model }) => {
        const { name } = model.metadata;
        const labels = { ...owned(selector), [modelServiceLabel]: name };
        return service(metadata({ name, namespace, labels, ownerReferences: ownedBy(cluster) }), {
          selector,
          ports: modelPorts,
        });
      }),
    findings: taken.flatMap(({ model, why }) =>
      why === undefined ? [] : [noModelService(model, why, `http://gateway.${namespace}:8000`)],
    ),
  };
}

/** Says that a model has no Service of its own, and where it is served. */
export function noModelService(model: Resource, why: string, address: string): Finding {
  const text = `gives no Service: ${why}. Clients reach the model at ${address}.`;
  return fieldFinding(model, "metadata.name", "ModelServiceMissing", "dropped", text);
}

function nameProblem(
  name: string,
  free: (name: string) => boolean,
  own: ReadonlyMap<string, string>,
): string | undefined {
  if (own.has(name)) return `the Service ${name} is ${own.get(name)}`;
  if (!isServiceName(name)) {
    return "Services are named with at most 63 lower-case letters, digits and -, beginning with a letter";
  }
  return free(name) ? undefined : `another Service ${name} is there already`;
}

/** How the gateway is published outside the Kubernetes cluster: only where somebody asked for it (langop.md §3.6). */
export function gatewayExposure(
  cluster: Resource,
  spec: LanguageClusterSpec,
  installation: Installation,
): Piece {
  const { domain = "" } = spec;
  const enabled = spec.ingress?.enabled ?? spec.gateway?.enabled ?? false;
  const findings: Finding[] = [];
  const ingress =
    enabled && domain !== "" ? gatewayIngress(cluster, spec, installation) : { objects: [], findings: [] };
  findings.push(...ingress.findings);
  const objects = [...ingress.objects, ...gatewayRoute(cluster, domain, installation, findings)];
  if (enabled && domain === "") {
    const path = spec.ingress?.enabled === undefined ? "spec.gateway.enabled" : "spec.ingress.enabled";
    findings.push(
      fieldFinding(
        cluster,
        path,
        "DomainMissing",
        "dropped",
        "has no effect without spec.domain: the host of the gateway is gateway.<domain>.",
      ),
    );
  }
  return { ...ingress, objects, findings };
}

function gatewayIngress(cluster: Resource, spec: LanguageClusterSpec, installation: Installation): Piece {
  const subject = { subject: "the gateway", secret: "gateway-tls" };
  const { tls, findings } = tlsOf(cluster, spec, installation, subject);
  const namespace = cluster.metadata.name;
  if (tls.kind === "unknown") {
    const stays = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", namespace, name: "gateway" };
    return { objects: [], findings, held: [stays] };
  }
  const of = metadata({
    name: "gateway",
    namespace,
    labels: owned(gatewaySelector(namespace)),
    annotations: tls.kind === "secret" ? tls.annotations : undefined,
    ownerReferences: ownedBy(cluster),
  });
  const object = ingressOf(of, {
    className: spec.ingress?.className || installation.ingressClassName,
    host: `gateway.${spec.domain}`,
    service: { name: "gateway", port: 8000 },
    tlsSecret: tls.kind === "secret" ? tls.secret : undefined,
  });
  return { objects: [object], findings };
}

const parentForm = /^([-a-z0-9]+)\/([-.a-z0-9]+)$/u;

/** The Gateway of the Gateway API that a cluster's hosts are published at, where it asks for one and there is such an API. */
export function gatewayParent(
  cluster: Resource,
  { apis }: Pick<Installation, "apis">,
): { readonly namespace: string; readonly name: string } | undefined {
  const [, namespace, name] =
    parentForm.exec(cluster.metadata.annotations?.[gatewayParentAnnotation] ?? "") ?? [];
  return namespace === undefined || name === undefined || !apis.gatewayApi ? undefined : { namespace, name };
}

/** An HTTPRoute, for those who publish through the Gateway API; no generation of the dialect had one. */
function gatewayRoute(
  cluster: Resource,
  domain: string,
  installation: Installation,
  findings: Finding[],
): Piece["objects"] {
  const asked = cluster.metadata.annotations?.[gatewayParentAnnotation];
  if (asked === undefined) return [];
  const parent = gatewayParent(cluster, installation);
  if (parent === undefined || domain === "") {
    const why = !parentForm.test(asked)
      ? "must be <namespace>/<name> of a Gateway"
      : domain === ""
        ? "has no effect without spec.domain: the host of the gateway is gateway.<domain>"
        : "has no effect: this cluster does not serve gateway.networking.k8s.io/v1";
    const path = `metadata.annotations[${gatewayParentAnnotation}]`;
    findings.push(fieldFinding(cluster, path, "GatewayParentIgnored", "dropped", `${why}.`));
    return [];
  }
  const namespace = cluster.metadata.name;
  const of = metadata({
    name: "gateway",
    namespace,
    labels: owned(gatewaySelector(namespace)),
    ownerReferences: ownedBy(cluster),
  });
  return [
    httpRoute(of, {
      gateway: parent,
      host: `gateway.${domain}`,
      service: { name: "gateway", port: 8000 },
    }),
  ];
}
