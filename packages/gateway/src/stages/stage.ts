import type { Exchange } from "../exchange.ts";

/** The rest of the way. */
export type Next = (exchange: Exchange) => void;

/**
 * One step of a request. It calls `next` when the request goes on, now or later, or answers it and does not.
 */
export type Stage = (exchange: Exchange, next: Next) => void;
