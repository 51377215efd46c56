import { providerRows } from "@gatewright/litellm";
import type { GatewayPlan, Model } from "@gatewright/plan";

/** A host that a gateway calls. */
export interface UpstreamHost {
  readonly host: string;
  readonly port: number;
}

/** Bases of providers that have one address for all their customers, by LiteLLM's prefix. */
const bases = new Map<string, string>([
  ...providerRows.flatMap(({ name, aliases, baseUrl }) =>
    baseUrl === undefined ? [] : [name, ...aliases].map((prefix) => [prefix, baseUrl] as const),
  ),
  ["anthropic", "https://api.anthropic.com"],
  ["gemini", "https://generativelanguage.googleapis.com"],
]);

/**
 * The hosts a gateway calls for its models (langop.md §4.3), each once, and the models of which nobody can tell because
 * they name no endpoint and their provider has no single address.
 */
export function upstreamHosts(plan: GatewayPlan): {
  readonly hosts: readonly UpstreamHost[];
  readonly unknown: readonly Model[];
} {
  const hosts = new Map<string, UpstreamHost>();
  const unknown: Model[] = [];
  for (const model of plan.model) {
    const found = urlsOf(model).flatMap((url) => hostOf(url) ?? []);
    if (found.length === 0) unknown.push(model);
    for (const host of found) hosts.set(`${host.host}:${host.port}`, host);
  }
  return { hosts: [...hosts.values()], unknown };
}

/** Host and port of a URL; nothing when it is none. */
export function hostOf(url: string): UpstreamHost | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port, protocol } = new URL(url);
  if (hostname === "") return undefined;
  const fallback = protocol === "http:" ? 80 : 443;
  // IPv6 addresses stand in brackets.
  return { host: hostname.replace(/^\[(.*)\]$/u, "$1"), port: port === "" ? fallback : Number(port) };
}

function urlsOf(model: Model): readonly string[] {
  const { endpoint, region, location } = model;
  if (endpoint !== undefined) return [endpoint];
  const slash = model.model.indexOf("/");
  const prefix = model.provider ?? (slash < 0 ? "openai" : model.model.slice(0, slash));
  if (prefix === "bedrock") {
    return region === undefined ? [] : [`https://bedrock-runtime.${region}.amazonaws.com`];
  }
  if (prefix === "vertex_ai") {
    if (location === undefined) return [];
    const host =
      location === "global" ? "aiplatform.googleapis.com" : `${location}-aiplatform.googleapis.com`;
    return [`https://${host}`, "https://oauth2.googleapis.com"];
  }
  const base = bases.get(prefix);
  return base === undefined ? [] : [base];
}
