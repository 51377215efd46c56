import { gatewayKeySecret, type MemberVariable } from "@gatewright/dialects";
import type { GatewayKey, ServedGateway } from "./banner.ts";
import type { DeclaredMember } from "./declared-member.ts";
import { looksSecret } from "./redact.ts";
import { shellComment, shortShellWord } from "./shell-word.ts";

/** An agent as the user of `up` is told about it: nobody runs it here, so it is given its environment. */
export interface ServedAgent {
  readonly title: string;
  /** Lines for a shell: what the agent needs to run on this machine, then what is missing, as comments. */
  readonly lines: readonly string[];
}

/** What an agent gets from a gateway that runs here. `key` is the one it is to use. */
export function servedAgent(
  { title, member }: DeclaredMember,
  gateway: Pick<ServedGateway, "url" | "models">,
  key: GatewayKey,
): ServedAgent {
  const { origin, environment } = member;
  const keySecret = gatewayKeySecret(origin.name);
  const lineOf = (variable: MemberVariable): string => {
    const { name } = variable;
    if (!/^[A-Za-z_]\w*$/.test(name)) return shellComment(`${name} is no name for a shell`);
    if ("value" in variable) {
      if (looksSecret(name, variable.value)) {
        return shellComment(`${name} is yours to set: it is in the agent's own fields, [redacted] here`);
      }
      return `export ${name}=${shortShellWord(hereOf(variable, origin.namespace, gateway.url))}`;
    }
    const { secret } = variable;
    if (secret.name === keySecret.name && secret.key === keySecret.key) return keyLine(name, key);
    const place = `key ${secret.key} of Secret ${origin.namespace}/${secret.name}`;
    return shellComment(`${name} is yours to set: ${place}`);
  };
  return {
    title,
    lines: [...environment.map(lineOf), ...remarks(member, gateway).map(shellComment)],
  };
}

/** Variables with addresses of the namespace's gateway, under its own name and those of models (langop.md §2.2). */
const gatewayVariables: ReadonlySet<string> = new Set(["MODEL_ENDPOINT", "MODEL_ENDPOINTS"]);

/** A value on this machine: the gateway is at another address than in a cluster. */
function hereOf(
  { name, value }: Extract<MemberVariable, { readonly value: string }>,
  namespace: string | undefined,
  url: string,
): string {
  if (!gatewayVariables.has(name)) return value;
  const inside = `.${namespace}.svc.cluster.local:8000`;
  return value
    .split(",")
    .map((address) => (address.endsWith(inside) ? url : address))
    .join(",");
}

function keyLine(name: string, key: GatewayKey): string {
  switch (key.kind) {
    case "open":
      return `export ${name}=any`;
    case "agents":
      return shellComment(`${name} is yours to set: the gateway takes agent keys, and this agent has none`);
    case "variable":
      return `export ${name}="$${key.name}"`;
    case "value":
      return `export ${name}=${shortShellWord(key.value)}`;
  }
}

/** Findings about what is not in the environment and should be. */
const missing: ReadonlySet<string> = new Set(["ReferenceMissing", "CatalogueModelMissing"]);

function remarks(
  { environment, findings }: DeclaredMember["member"],
  { models }: Pick<ServedGateway, "models">,
): readonly string[] {
  const listOf = (variable: string): readonly string[] =>
    environment.flatMap((one) =>
      one.name === variable && "value" in one && one.value !== "" ? one.value.split(",") : [],
    );
  const faults = listOf("LLM_MODEL").flatMap((wanted) => {
    const model = models.find(({ name, fault }) => fault !== undefined && isNamed(wanted, name));
    return model === undefined ? [] : [`${wanted} cannot be served: ${model.fault}`];
  });
  const inside = listOf("MCP_SERVERS").some((address) =>
    /\.svc\.cluster\.local[:/]|\/\/localhost:/.test(address),
  );
  return [
    ...faults,
    ...(inside ? ["MCP_SERVERS are addresses of the cluster: no tool runs here"] : []),
    ...findings
      .filter(({ code, effect }) => effect === "blocked" || missing.has(code))
      .map(({ text }) => text),
  ];
}

/** A catalogue, `openai/*`, has many names. */
function isNamed(wanted: string, name: string): boolean {
  return name === wanted || (name.endsWith("/*") && wanted.startsWith(name.slice(0, -1)));
}
