import type { Settings } from "@gatewright/litellm";

type Agents = NonNullable<Settings["gatewright"]>["agents"];

/** What the agents of a document are called (`gatewright.agents`), by their id. */
export function agentNames(agents: Agents = []): ReadonlyMap<string, string> {
  return new Map(agents.map(({ id, name }) => [id, name]));
}
