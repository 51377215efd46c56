import type { RefusedGateway, ServedGateway } from "./banner.ts";
import type { Declaration } from "./declaration.ts";
import type { Declared } from "./declare.ts";
import { type DeclaredMember, isServedBy } from "./declared-member.ts";
import { servedAgent } from "./served-agent.ts";
import type { UpSecrets } from "./up-secrets.ts";

/** A served gateway with what goes with it: the agents and tools of its namespace. */
export function withMembers(
  gateway: ServedGateway,
  declaration: Declaration,
  declared: Declared,
  secrets: UpSecrets,
): ServedGateway {
  const own = declared.members.filter((one) => isServedBy(one, declaration));
  const listed = own.filter(isAgent).filter(({ member }) => member.environment.length > 0);
  const keyOf = ({ member }: DeclaredMember) => secrets.agentKey(member.uid, declaration, declared);
  const [first] = listed;
  return {
    ...gateway,
    // Where only agents come in, whoever runs the gateway tries it as one of them.
    key: gateway.key.kind === "agents" && first !== undefined ? keyOf(first) : gateway.key,
    agents: listed.map((agent) => servedAgent(agent, gateway, keyOf(agent))),
    tools: own.filter((one) => !isAgent(one)).map(({ title }) => title),
  };
}

/** Agents that get nothing here, and why. */
export function refusedAgents(declared: Declared, served: readonly Declaration[]): readonly RefusedGateway[] {
  return declared.members.filter(isAgent).flatMap((agent) => {
    const { title, member } = agent;
    if (member.environment.length === 0) {
      return [{ title, reasons: member.findings.map(({ text }) => text) }];
    }
    if (served.some((declaration) => isServedBy(agent, declaration))) return [];
    return [{ title, reasons: ["The gateway of its namespace is not served here."] }];
  });
}

/** Members that call models; tools do not. */
function isAgent({ member }: DeclaredMember): boolean {
  return member.origin.kind === "LanguageAgent";
}
