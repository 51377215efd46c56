import type { AnswerStore } from "./answer-store.ts";
import { LocalStore } from "./local-store.ts";
import type { Recording } from "./recorder.ts";
import { type RedisAnswers, RedisStore } from "./redis-store.ts";
import { SingleFlight } from "./single-flight.ts";

/** A store and what goes on around it. */
export interface Backend {
  readonly store: AnswerStore;
  readonly flights: SingleFlight;
  readonly recording: Recording;
}

/** What stores need of the gateway. */
export interface CacheServices {
  /** Monotonic milliseconds. */
  now(): number;
  after(milliseconds: number, run: () => void): { cancel(): void };
}

/** The stores of a gateway. They outlive snapshots, so that a reload forgets no answer. */
export class CacheStores {
  readonly #services: CacheServices;
  readonly #local = new Map<string, { readonly backend: Backend; readonly store: LocalStore }>();
  #redis: { readonly backend: Backend; readonly connection: RedisAnswers } | undefined;

  constructor(services: CacheServices) {
    this.#services = services;
  }

  /** The store in memory called `name`. One of another size than before is a new, empty one. */
  local(name: string, bytes: number): Backend {
    const known = this.#local.get(name);
    if (known?.store.bytes === bytes) return known.backend;
    const store = new LocalStore(bytes, () => this.#services.now());
    const backend = this.#backend(store);
    this.#local.set(name, { backend, store });
    return backend;
  }

  /** The store behind a connection. */
  redis(connection: RedisAnswers): Backend {
    if (this.#redis?.connection === connection) return this.#redis.backend;
    const backend = this.#backend(new RedisStore(connection));
    this.#redis = { backend, connection };
    return backend;
  }

  /** Forgets the stores in memory that the snapshot which is served has no use for. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#local.keys()) if (!names.has(name)) this.#local.delete(name);
  }

  /** Bytes of answers held in memory now. */
  get held(): number {
    let bytes = 0;
    for (const { store } of this.#local.values()) bytes += store.held;
    return bytes;
  }

  #backend(store: AnswerStore): Backend {
    return {
      store,
      flights: new SingleFlight((milliseconds, run) => this.#services.after(milliseconds, run)),
      recording: { bytes: 0, limit: store.recordingBytes },
    };
  }
}
