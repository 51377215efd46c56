import { agentText, banner, type ServedGateway } from "./banner.ts";
import type { Declared } from "./declare.ts";
import type { Fleet } from "./fleet.ts";
import { refusedAgents, withMembers } from "./listed-members.ts";
import { servedGateway } from "./served-gateway.ts";
import type { UpSecrets } from "./up-secrets.ts";

/** What `up` prints about what it serves: all of it, then the agents that get something else than before. */
export class UpListing {
  readonly #fleet: Fleet;
  readonly #secrets: UpSecrets;
  #listed: ReadonlySet<string> = new Set();

  constructor(fleet: Fleet, secrets: UpSecrets) {
    this.#fleet = fleet;
    this.#secrets = secrets;
  }

  whole(declared: Declared): string {
    const { members, refusals } = this.#fleet;
    const refused = [
      ...refusals.map(({ declaration: { title }, reasons }) => ({ title, reasons })),
      ...refusedAgents(
        declared,
        members.map(({ declaration }) => declaration),
      ),
    ];
    const gateways = this.#served(declared);
    this.#listed = new Set(textsOf(gateways));
    return banner(gateways, refused);
  }

  /** Empty when every agent has been listed as it is. */
  changed(declared: Declared): string {
    const texts = textsOf(this.#served(declared));
    const changed = texts.filter((text) => !this.#listed.has(text));
    this.#listed = new Set(texts);
    return changed.map((text) => `${text}\n`).join("");
  }

  #served(declared: Declared): readonly ServedGateway[] {
    return this.#fleet.members.map((member) => {
      const { declaration } = member;
      const gateway = servedGateway(member, this.#secrets.key(declaration, declared));
      return withMembers(gateway, declaration, declared, this.#secrets);
    });
  }
}

function textsOf(gateways: readonly ServedGateway[]): readonly string[] {
  return gateways.flatMap(({ agents = [] }) => agents.map(agentText));
}
