import type { Authorizer } from "./provider.ts";
import { type Renewal, Renewed } from "./renewed.ts";

/** An access token, and when it expires in epoch milliseconds. */
export interface AccessToken {
  readonly token: string;
  readonly expiresAt: number;
}

/** Authorizes with a bearer token that has to be fetched, as `Renewed` says. */
export function tokenAuthorizer(fetch: (time: number) => Promise<AccessToken>, renewal: Renewal): Authorizer {
  const headers = new Renewed<readonly string[]>(async (time) => {
    const { token, expiresAt } = await fetch(time);
    return { value: ["authorization", `Bearer ${token}`], expiresAt };
  }, renewal);
  return { authorize: ({ time }) => headers.at(time) };
}
