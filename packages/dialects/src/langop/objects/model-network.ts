import {
  type HostRule,
  type KubernetesObject,
  type Labels,
  metadata,
  type NetworkPolicyRule,
  networkPolicy,
  ownedBy,
} from "@gatewright/kubernetes";
import type { Finding } from "@gatewright/plan";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import type { LanguageModelSpec } from "../kinds/language-model.ts";
import { egressRulesOf } from "../kinds/network-rule.ts";
import { fieldFinding } from "../read/entry.ts";
import { modelSelector, owned } from "./label.ts";
import type { StandaloneInput } from "./model.ts";
import {
  type NetworkPiece,
  namePolicies,
  nameService,
  networkPiece,
  operatorPeers,
  type RuleReading,
  readRules,
} from "./network.ts";
import { type NetworkView, readHost } from "./peer.ts";
import { hostOf, upstreamHosts } from "./upstream-host.ts";

/** The policy of a standalone gateway (langop.md §4.3): to its upstreams, the name service and its namespace; from agents and the operator. */
export function modelNetwork(
  input: StandaloneInput,
  spec: LanguageModelSpec,
  view: NetworkView,
): NetworkPiece {
  const { model, installation } = input;
  const { name } = model.metadata;
  const selector = modelSelector(name);
  const paths = (spec.egress ?? []).map((_, index) => `spec.egress[${index}]`);
  const own = readRules(model, egressRulesOf(spec.egress), "to", paths, view);
  const upstream = upstreamRules(input, view);
  const telemetry = telemetryRules(model, installation, view);
  const of = metadata({
    name,
    namespace: view.namespace,
    labels: owned(selector),
    ownerReferences: ownedBy(model),
  });
  const readings = [upstream, telemetry, own];
  const policy: KubernetesObject = networkPolicy(of, {
    selector,
    ingress: [
      {
        peers: [{ podSelector: { matchLabels: agents } }, ...operatorPeers(installation)],
        ports: [{ protocol: "TCP", port: 4000 }],
      },
    ],
    egress: [{ peers: [{ podSelector: {} }] }, nameService, ...readings.flatMap(({ rules }) => rules)],
  });
  const hosts = readings.flatMap((reading) => reading.hosts);
  return networkPiece([policy, ...namePolicies(of, selector, hosts)], readings);
}

const agents: Labels = { "langop.io/kind": "LanguageAgent" };

function upstreamRules({ gateway, model }: StandaloneInput, view: NetworkView): RuleReading {
  const { hosts, unknown } = upstreamHosts(gateway.plan);
  const reading = hostRules(
    model,
    model.spec?.["endpoint"] === undefined ? "spec.provider" : "spec.endpoint",
    // A name without a dot is a Service of the namespace, which is permitted as a whole.
    hosts
      .filter(({ host }) => host.includes(".") || host.includes(":"))
      .map(({ host, port }) => ({ host, ports: [port] })),
    view,
  );
  const findings = unknown.map((lost) =>
    fieldFinding(
      model,
      "spec.egress",
      "UpstreamHostUnknown",
      "dropped",
      `must permit the host of ${lost.model}: it has no endpoint and its provider no address that is known here, so the network policy of its gateway does not let it through.`,
    ),
  );
  return { ...reading, findings: [...reading.findings, ...findings] };
}

function telemetryRules(
  model: Resource,
  { otlpEndpoint = "" }: Installation,
  view: NetworkView,
): RuleReading {
  const host = hostOf(otlpEndpoint)?.host;
  return hostRules(model, "metadata.name", host === undefined ? [] : [{ host, ports: [4317, 4318] }], view);
}

/** Rules for hosts on TCP ports. Pods behind a Service listen on ports that its address does not tell: all are permitted. */
function hostRules(
  model: Resource,
  path: string,
  hosts: readonly { readonly host: string; readonly ports: readonly number[] }[],
  view: NetworkView,
): RuleReading {
  const rules: NetworkPolicyRule[] = [];
  const named: HostRule[] = [];
  const findings: Finding[] = [];
  const lookups: string[] = [];
  const unresolved: string[] = [];
  for (const { host, ports: numbers } of hosts) {
    const { peers, names, patterns, losses, ...found } = readHost(host, view);
    const ports = numbers.map((port) => ({ protocol: "TCP" as const, port }));
    const services = peers.filter((peer) => !("ipBlock" in peer));
    const addresses = peers.filter((peer) => "ipBlock" in peer);
    if (services.length > 0) rules.push({ peers: services });
    if (addresses.length > 0) rules.push({ peers: addresses, ports });
    if (names.length > 0) named.push({ names, patterns, ports });
    lookups.push(...found.lookups);
    unresolved.push(...found.unresolved);
    findings.push(...losses.map(({ code, effect, text }) => fieldFinding(model, path, code, effect, text)));
  }
  return { rules, hosts: named, findings, lookups, unresolved };
}
