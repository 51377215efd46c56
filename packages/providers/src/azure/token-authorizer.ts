import type { Authorizer, UnsignedRequest } from "../provider.ts";

/** An access token, and when it expires in epoch milliseconds. */
export interface AccessToken {
  readonly token: string;
  readonly expiresAt: number;
}

/** A token is renewed so long before it expires: Microsoft's own clients renew in its last five minutes. */
const RENEW_BEFORE_MILLISECONDS = 5 * 60_000;
/** Least distance of two attempts while the token at hand is still good. */
const RENEW_PAUSE_MILLISECONDS = 30_000;

/**
 * Authorizes with a bearer token that has to be fetched. Requests wait only when there is none that is good; shortly
 * before it expires, the next one is fetched beside the requests. There is never more than one fetch at a time.
 */
export class TokenAuthorizer implements Authorizer {
  readonly #fetch: () => Promise<AccessToken>;
  #headers: readonly string[] = [];
  #renewAt = 0;
  #expiresAt = 0;
  #fetching: Promise<readonly string[]> | undefined;

  constructor(fetch: () => Promise<AccessToken>) {
    this.#fetch = fetch;
  }

  authorize({ time }: UnsignedRequest): readonly string[] | Promise<readonly string[]> {
    if (time >= this.#expiresAt) return this.#renewed(time);
    if (time >= this.#renewAt) {
      this.#renewAt = time + RENEW_PAUSE_MILLISECONDS;
      // Nobody waits for it: the requests that need it will try again and tell.
      this.#renewed(time).catch(() => {});
    }
    return this.#headers;
  }

  #renewed(time: number): Promise<readonly string[]> {
    this.#fetching ??= this.#renew(time).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #renew(time: number): Promise<readonly string[]> {
    const { token, expiresAt } = await this.#fetch();
    this.#headers = ["authorization", `Bearer ${token}`];
    this.#expiresAt = expiresAt;
    this.#renewAt = Math.max(expiresAt - RENEW_BEFORE_MILLISECONDS, time + RENEW_PAUSE_MILLISECONDS);
    return this.#headers;
  }
}
