import { LRUCache } from "lru-cache";
import { type SpendClock, SpendMeter, type SpendSubject, type SpendTerms } from "./spend-meter.ts";

/** Customers whose spend is remembered when only the default budget names them: clients choose their ids. */
const MOST_CUSTOMERS = 50_000;

/**
 * All meters by their id. They outlive snapshots: a reload changes what may be spent, never what has been.
 */
export class SpendMeters {
  readonly #clock: SpendClock;
  readonly #kept = new Map<string, SpendMeter>();
  readonly #customers: LRUCache<string, SpendMeter>;

  constructor(clock: SpendClock, mostCustomers = MOST_CUSTOMERS) {
    this.#clock = clock;
    this.#customers = new LRUCache({ max: mostCustomers });
  }

  /** The meter of a subject, made when it is first asked for, under these terms from now on. */
  meter(subject: SpendSubject, name: string, terms: SpendTerms, key = name): SpendMeter {
    const id = `${subject}:${key}`;
    let meter = this.#kept.get(id);
    if (meter === undefined) {
      meter = new SpendMeter(id, subject, name, terms, this.#clock);
      this.#kept.set(id, meter);
    } else meter.adopt(terms);
    return meter;
  }

  /**
   * The meter of a customer without an entry of its own. The least recently seen of 50,000 is forgotten when
   * another comes, and begins at zero when it comes back.
   */
  customer(id: string, terms: SpendTerms): SpendMeter {
    let meter = this.#customers.get(id);
    if (meter === undefined) {
      meter = new SpendMeter(`end user:${id}`, "end user", id, terms, this.#clock);
      this.#customers.set(id, meter);
    } else meter.adopt(terms);
    return meter;
  }

  /** Those of the document, for metrics. */
  named(): IterableIterator<SpendMeter> {
    return this.#kept.values();
  }

  /** Those of customers under the default budget too. */
  *all(): Generator<SpendMeter> {
    yield* this.#kept.values();
    yield* this.#customers.values();
  }
}
