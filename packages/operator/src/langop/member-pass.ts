import type { AgentObjectsInput, DesiredObjects, Resource } from "@gatewright/dialects";
import { type Applier, createApplier } from "@gatewright/reconcile";
import { createServiceSelectors } from "../service-selectors.ts";
import type { LangopContext } from "./context.ts";
import { replacedManagers } from "./gateway-pass.ts";
import { type WriteFailure, writeObjects } from "./object-writer.ts";

/** What network rules need to know of the world. */
export type NetworkFacts = Pick<AgentObjectsInput, "addresses" | "serviceSelectors">;

export interface MemberPassResult<Desired extends DesiredObjects> {
  readonly desired: Desired;
  readonly failures: readonly WriteFailure[];
  /** Seconds until what is known about the peers of network rules expires. */
  readonly peersExpireInSeconds?: number;
}

/** From what a member of a cluster, an agent or a tool, should be to what stands. */
export interface MemberPass {
  /** `objects` is pure, and called again when more is known. */
  run<Desired extends DesiredObjects>(
    owner: Resource,
    objects: (facts: NetworkFacts) => Desired,
  ): Promise<MemberPassResult<Desired>>;
  readonly applier: Applier;
}

export function createMemberPass(context: LangopContext, manager: string): MemberPass {
  const { client, resolver } = context;
  const applier = createApplier(client, { manager, adopt: [...replacedManagers, manager] });
  const selectors = createServiceSelectors(client, () => performance.now());
  return {
    applier,
    async run(owner, objects) {
      const services = new Set<string>();
      const facts: NetworkFacts = {
        addresses: resolver.addresses,
        serviceSelectors(namespace, name) {
          services.add(`${namespace}/${name}`);
          return selectors.selector(namespace, name);
        },
      };
      const first = objects(facts);
      const expiries = await Promise.all([
        ...(first.dnsNames.length === 0 ? [] : [resolver.refresh(first.dnsNames)]),
        ...(services.size === 0 ? [] : [selectors.refresh([...services])]),
      ]);
      const desired = expiries.length === 0 ? first : objects(facts);
      const { failures } = await writeObjects(desired, applier, context, owner.metadata.uid);
      return {
        desired,
        failures,
        ...(expiries.length === 0 ? {} : { peersExpireInSeconds: Math.min(...expiries) }),
      };
    },
  };
}
