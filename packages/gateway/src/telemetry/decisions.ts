import { type Decision, decisionOf } from "./decision.ts";
import { explainHeaderName } from "./explain-header-name.ts";
import type { RequestFacts } from "./request-facts.ts";
import { Ring } from "./ring.ts";

/**
 * Requests that simply went well are remembered up to this many: a flood of them is not to push out those that somebody
 * will ask about.
 */
const PLAIN = 20;

/**
 * The decisions of the last requests, for whoever asks why (`GET /gatewright/requests`): those that did not simply go well
 * (failed, were tried again, went elsewhere, waited or were refused), or asked to be explained; of the others, the
 * last few.
 */
export class Decisions {
  readonly #notable = new Ring<Decision>();
  readonly #plain = new Ring<Decision>();

  /** `size` requests are remembered; 0 none. */
  constructor(size: number) {
    this.resize(size);
  }

  /** Remembers this many from now on (`gatewright.explain.requests`); those kept so far stay, as far as they fit. */
  resize(size: number): void {
    this.#notable.resize(size);
    this.#plain.resize(Math.min(size, PLAIN));
  }

  /** Keeps what was decided about a request that is over. The exchange itself, with its sockets and texts, is let go. */
  keep(exchange: RequestFacts, status: number): void {
    const ring = isNotable(exchange, status) ? this.#notable : this.#plain;
    if (ring.size > 0) ring.push(decisionOf(exchange, status));
  }

  /** By call id or by the client's own id of the request, of which the newest counts. */
  find(id: string): Decision | undefined {
    return this.newestFirst().find((one) => one.callId === id || one.requestId === id);
  }

  newestFirst(): readonly Decision[] {
    return [...this.#notable.newestFirst(), ...this.#plain.newestFirst()].sort(
      (one, other) => other.endedAt - one.endedAt,
    );
  }
}

function isNotable(exchange: RequestFacts, status: number): boolean {
  return (
    status >= 400 ||
    exchange.attempts !== undefined ||
    (exchange.queuedMilliseconds ?? 0) > 0 ||
    exchange.request.headers[explainHeaderName] !== undefined
  );
}
