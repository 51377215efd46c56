import type { Dialect, Member, World } from "@gatewright/dialects";
import { originText } from "@gatewright/plan";
import type { Declaration } from "./declaration.ts";
import type { Locate } from "./trouble.ts";

/** An agent or a tool that the input declares: what runs beside the gateways. */
export interface DeclaredMember {
  /** How the user knows it: a resource and its file. */
  readonly title: string;
  readonly dialect: Dialect["name"];
  readonly member: Member;
  readonly locate: Locate;
}

/** The members that a dialect finds in a world of manifests, in its order. */
export function declaredMembers(dialect: Dialect, world: World, locate: Locate): readonly DeclaredMember[] {
  return (dialect.members?.(world) ?? []).map((member) => {
    const name = originText(member.origin);
    const place = locate(member.origin);
    const title = place === undefined ? name : `${name} (${place.file})`;
    return { title, dialect: dialect.name, member, locate };
  });
}

/** Whether a member calls this gateway: that of its namespace. */
export function isServedBy({ dialect, member }: DeclaredMember, { plan }: Declaration): boolean {
  return plan?.dialect === dialect && plan.namespace === member.origin.namespace;
}
