import type { ServedAgent } from "./served-agent.ts";
import { shellWord } from "./shell-word.ts";

/** A gateway that `up` serves, as its user is told about it. */
export interface ServedGateway {
  /** What declares it: a file, or a resource. */
  readonly title: string;
  /** Without `/v1`, for example `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly key: GatewayKey;
  readonly models: readonly ServedModel[];
  /** Those of its namespace. */
  readonly agents?: readonly ServedAgent[];
  /** Titles of the tools of its namespace. */
  readonly tools?: readonly string[];
}

/** How a client authenticates. `note` says where the key comes from. */
export type GatewayKey =
  | { readonly kind: "open" }
  /** Only agents come in, each with its own key; whoever runs the gateway has none. */
  | { readonly kind: "agents" }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "value"; readonly value: string; readonly note: string };

/** A model as its user is told about it. */
export interface ServedModel {
  readonly name: string;
  /** Answers without any upstream: the best one to try. */
  readonly mock: boolean;
  /** Takes chat requests. */
  readonly chat: boolean;
  /** Why it cannot be served now; absent when it can. */
  readonly fault?: string;
}

/** A gateway, or an agent, that is declared but not served, and why. */
export interface RefusedGateway {
  readonly title: string;
  readonly reasons: readonly string[];
}

/** What `up` prints when it has started, and again when gateways come or go. */
export function banner(served: readonly ServedGateway[], refused: readonly RefusedGateway[]): string {
  const blocks = [...served.map(servedText), ...refused.map(refusedText)];
  return `${blocks.join("\n")}\n`;
}

function servedText(gateway: ServedGateway): string {
  const width = Math.max(...gateway.models.map((model) => model.name.length), 0);
  const models = gateway.models.map((model) =>
    model.fault === undefined ? model.name : `${model.name.padEnd(width)}  cannot be served: ${model.fault}`,
  );
  const [first = "none", ...others] = models;
  return [
    gateway.title,
    `  base URL  ${gateway.url}/v1`,
    `  key       ${keyText(gateway.key)}`,
    `  models    ${first}`,
    ...others.map((model) => `            ${model}`),
    "  try it",
    `    ${curlLine(gateway)}`,
    ...(gateway.agents ?? []).map(agentText),
    ...(gateway.tools ?? []).map((title) => `  tool      ${title}, not run here`),
    "",
  ].join("\n");
}

/** An agent's environment for a shell. Lines of a value stand as they are, at the edge. */
export function agentText({ title, lines }: ServedAgent): string {
  return [`  agent     ${title}`, ...lines.map((line) => `    ${line}`)].join("\n");
}

function refusedText(gateway: RefusedGateway): string {
  return [`${gateway.title}: not served`, ...gateway.reasons.map((reason) => `  ${reason}`), ""].join("\n");
}

function keyText(key: GatewayKey): string {
  switch (key.kind) {
    case "open":
      return "any (no master key is configured)";
    case "agents":
      return "an agent's (sk-langop-...; no master key is configured)";
    case "variable":
      return `$${key.name} (from your environment)`;
    case "value":
      return `${key.value} (${key.note})`;
  }
}

/** One line for a shell that gets an answer: a chat with a model that needs no upstream if there is one. */
export function curlLine(gateway: ServedGateway): string {
  const header = authorization(gateway.key);
  const candidates = gateway.models.filter(
    (model) => model.fault === undefined && model.chat && !model.name.includes("*"),
  );
  const model = candidates.find((candidate) => candidate.mock) ?? candidates[0];
  if (model === undefined) return `curl ${gateway.url}/v1/models${header}`;
  const body = JSON.stringify({ model: model.name, messages: [{ role: "user", content: "Hello!" }] });
  return `curl ${gateway.url}/v1/chat/completions${header} -H 'Content-Type: application/json' -d ${shellWord(body)}`;
}

function authorization(key: GatewayKey): string {
  switch (key.kind) {
    case "open":
      return "";
    case "agents":
      return ' -H "Authorization: Bearer $AGENT_KEY"';
    case "variable":
      return ` -H "Authorization: Bearer $${key.name}"`;
    case "value":
      return ` -H ${shellWord(`Authorization: Bearer ${key.value}`)}`;
  }
}
