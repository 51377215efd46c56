import { rateLimitHeader } from "@gatewright/litellm";
import { gcraBurst } from "./gcra.ts";

/** Whom a limit is for: LiteLLM's words (litellm.md §4.3), and ours where it has none. */
export type LimitSubject =
  | "api_key"
  | "user"
  | "team"
  | "team_member"
  | "end_user"
  | "model_per_key"
  | "model_per_team"
  | "model_group"
  | "deployment"
  | "gateway"
  | "agent";

/** What is counted. `tokens` are those of prompt and answer together. */
export type Unit = "requests" | "tokens" | "input" | "output" | "parallel";

/** How a minute is counted; what runs at once has no minute. */
export type MeterKind = "window" | "gcra" | "parallel";

/** Requests over the limit wait first: how many may, and how long one does. */
export interface QueueSettings {
  readonly size: number;
  readonly waitMilliseconds: number;
}

/** A limit as it is configured. */
export interface LimitOptions {
  /** Stays the same over reloads: counters belong to it. */
  readonly id: string;
  /** For metrics: from the configuration, never from a client. */
  readonly name: string;
  readonly subject: LimitSubject;
  /** What messages call the subject's own name. */
  readonly value: string;
  /** Per minute. */
  readonly requests?: number | undefined;
  readonly tokens?: number | undefined;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  /** At once. */
  readonly parallel?: number | undefined;
  /** Default `fixed-window`, as LiteLLM counts. */
  readonly algorithm?: "fixed-window" | "gcra" | undefined;
  /** GCRA only: how much may be used at once; default a tenth of the limit. */
  readonly burst?: number | undefined;
  readonly queue?: QueueSettings | undefined;
}

/** A limit made ready: what a request does with it needs no text to be put together. */
export interface Limit {
  readonly id: string;
  /** Of its counters in memory: another way of counting is another counter. */
  readonly key: string;
  readonly name: string;
  readonly subject: LimitSubject;
  readonly value: string;
  readonly meters: readonly Meter[];
  readonly queue: QueueSettings | undefined;
}

/** What response headers tell of a counter. */
export interface MeterHeaders {
  /** Name of the header of the limit. */
  readonly limit: string;
  /** The line of the limit; and what stands in the other one before what remains of it. */
  readonly limitLine: string;
  readonly remaining: string;
}

/** One number of a limit that is counted. */
export interface Meter {
  /** Of its counter in Redis. */
  readonly key: string;
  /** Of its counter among the limit's. */
  readonly place: number;
  readonly owner: Limit;
  readonly unit: Unit;
  readonly kind: MeterKind;
  readonly limit: number;
  /** GCRA: how much may be used at once, at least 1 and below the limit; else the limit. */
  readonly burst: number;
  /** LiteLLM's word for the unit. */
  readonly limitType: "requests" | "tokens" | "max_parallel_requests";
  /** What answers tell of it (litellm.md §3.7); undefined where LiteLLM has no such limit, and clients no use for it. */
  readonly headers: MeterHeaders | undefined;
}

/** A limit, ready; undefined when it limits nothing. */
export function limitOf(options: LimitOptions): Limit | undefined {
  const meters: Meter[] = [];
  const limit: Limit = {
    id: options.id,
    key: `${options.id}:${options.algorithm ?? "fixed-window"}`,
    name: options.name,
    subject: options.subject,
    value: options.value,
    meters,
    queue: options.queue === undefined || options.queue.size <= 0 ? undefined : options.queue,
  };
  for (const [unit, amount] of [
    ["requests", options.requests],
    ["tokens", options.tokens],
    ["input", options.inputTokens],
    ["output", options.outputTokens],
    ["parallel", options.parallel],
  ] as const) {
    if (amount !== undefined) meters.push(meterOf(limit, unit, Math.max(0, amount), options));
  }
  return meters.length === 0 ? undefined : limit;
}

function meterOf(owner: Limit, unit: Unit, limit: number, { algorithm, burst }: LimitOptions): Meter {
  const kind = unit === "parallel" ? "parallel" : algorithm === "gcra" ? "gcra" : "window";
  const limitType = limitTypes[unit];
  return {
    // Another way of counting is another counter: what is known of the old one means nothing to it.
    key: `${owner.id}:${unit}:${kind}`,
    place: places[unit],
    owner,
    unit,
    kind,
    limit,
    burst: kind === "gcra" ? gcraBurst(limit, burst ?? limit / 10) : limit,
    limitType,
    headers: ours.has(owner.subject)
      ? undefined
      : {
          limit: rateLimitHeader(owner.subject, "limit", limitType),
          limitLine: `${rateLimitHeader(owner.subject, "limit", limitType)}: ${limit}\r\n`,
          remaining: `${rateLimitHeader(owner.subject, "remaining", limitType)}: `,
        },
  };
}

const ours: ReadonlySet<LimitSubject> = new Set(["model_group", "deployment", "gateway"]);

const places = { requests: 0, tokens: 1, input: 2, output: 3, parallel: 4 } as const;

const limitTypes = {
  requests: "requests",
  tokens: "tokens",
  input: "tokens",
  output: "tokens",
  parallel: "max_parallel_requests",
} as const;

/** How much of a unit a request with so many tokens uses. */
export function amountOf(unit: Unit, input: number, output: number): number {
  switch (unit) {
    case "tokens":
      return input + output;
    case "input":
      return input;
    case "output":
      return output;
    default:
      return 1;
  }
}
