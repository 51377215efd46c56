import { httpRoute, ingress as ingressOf, metadata, ownedBy } from "@gatewright/kubernetes";
import type { Finding } from "@gatewright/plan";
import type { ObjectReference } from "../../../desired-objects.ts";
import type { Agent } from "../../read/agent.ts";
import { gatewayParent } from "../exposure.ts";
import { memberSelector, owned } from "../label.ts";
import type { Piece } from "../piece.ts";
import { signInProxy } from "../sign-in.ts";
import { publishedScheme, tlsOf } from "../tls.ts";
import type { AgentObjectsInput } from "./input.ts";
import { formOf } from "./workload.ts";

/** How an agent is published, and the container where people sign in. */
export interface AgentExposure extends Piece {
  readonly signIn?: { readonly container: object; readonly port: number };
  /** Address of the agent outside of the Kubernetes cluster; absent when it is not published. */
  readonly url?: string;
}

/** Where an agent is published: `<agent>.<domain>`, whenever its cluster has a domain (langop.md §2.4). */
export function agentHost({ name }: Agent, domain: string | undefined): string | undefined {
  return domain ? `${name}.${domain}` : undefined;
}

/** The Ingress of an agent, an HTTPRoute where its cluster asks for one, and the sign-in in front of both. */
export function agentExposure(input: AgentObjectsInput): AgentExposure {
  const { agent, cluster, clusterSpec, installation } = input;
  const { name, namespace, resource, settings } = agent;
  const host = formOf(agent) === "Deployment" ? agentHost(agent, clusterSpec.domain) : undefined;
  const [first] = settings.ports;
  const port = settings.ports.find(({ expose }) => expose) ?? first;
  if (host === undefined || port === undefined) return { objects: [], findings: [] };
  const findings: Finding[] = [];
  const proxy = signInProxy({
    cluster,
    spec: clusterSpec,
    installation,
    agent: { resource, host, port: port.port },
    runtimeAuth: settings.signIn,
  });
  findings.push(...(proxy?.findings ?? []));
  const backend = { name, port: proxy?.port ?? port.port };
  const of = {
    name,
    namespace,
    labels: owned(memberSelector("LanguageAgent", name, namespace)),
    ownerReferences: ownedBy(resource),
  };
  const subject = { subject: `the agent ${name}`, secret: `${name}-tls` };
  const { tls, findings: ofTls } = tlsOf(cluster, clusterSpec, installation, subject);
  findings.push(...ofTls);
  const gateway = gatewayParent(cluster, installation);
  const stays: ObjectReference = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", namespace, name };
  const unknown = tls.kind === "unknown";
  return {
    objects: [
      ...(unknown
        ? []
        : [
            ingressOf(metadata({ ...of, annotations: tls.kind === "secret" ? tls.annotations : undefined }), {
              className: clusterSpec.ingress?.className || installation.agentIngressClassName,
              host,
              service: backend,
              tlsSecret: tls.kind === "secret" ? tls.secret : undefined,
            }),
          ]),
      ...(gateway === undefined ? [] : [httpRoute(metadata(of), { gateway, host, service: backend })]),
    ],
    findings,
    ...(unknown ? { held: [stays] } : {}),
    ...(proxy === undefined ? {} : { signIn: { container: proxy.container, port: proxy.port } }),
    url: `${publishedScheme(cluster, clusterSpec, installation)}://${host}`,
  };
}
