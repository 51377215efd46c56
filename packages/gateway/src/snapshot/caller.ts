/** Who makes a request. One object for each, made when a snapshot is prepared or a key is first seen. */
export interface Caller {
  /** `master` is the administrator; `anonymous` everybody, where no key is needed. */
  readonly kind: "master" | "agent" | "anonymous";
  /** Who it is, as logs name the user: an agent's UID (langop.md §3.4), else empty. */
  readonly user: string;
}

export const anonymous: Caller = { kind: "anonymous", user: "" };
export const master: Caller = { kind: "master", user: "" };

/** The agent with this UID. */
export function agent(id: string): Caller {
  return { kind: "agent", user: id };
}
