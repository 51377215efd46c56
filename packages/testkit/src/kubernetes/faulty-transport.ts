import {
  ApiError,
  type ApiRequest,
  type ApiResponse,
  type Transport,
  type WatchResponse,
} from "@gatewright/reconcile";

/** What happens to a request. */
export type Fault =
  /** It never gets there. */
  | { readonly kind: "unreachable" }
  /** It is carried out, but its answer is lost. */
  | { readonly kind: "answerLost" }
  /** It is answered by this and not carried out. */
  | { readonly kind: "answer"; readonly response: ApiResponse }
  /** It is carried out this much later. */
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** It is neither carried out nor answered: only its signal ends it, as on a half-open connection. */
  | { readonly kind: "stall" };

export interface RecordedApiRequest extends ApiRequest {
  /** A watch is recorded when it is opened. */
  readonly watch: boolean;
  /** A number from 1 on, over all requests. */
  readonly number: number;
}

export interface FaultRule {
  /** Which requests; default all. */
  readonly when?: (request: RecordedApiRequest) => boolean;
  /** How many of them are let through first; default 0. */
  readonly after?: number;
  /** How many of them it happens to; default every one. */
  readonly times?: number;
  readonly fault: Fault;
}

/** A transport on which things go wrong, and which remembers what was asked. */
export interface FaultyTransport extends Transport {
  /** All requests so far, also those that did not get there. */
  readonly requests: readonly RecordedApiRequest[];
  /** Those that would change something. */
  readonly writes: readonly RecordedApiRequest[];
  /** Forgets the requests, not the faults. */
  forget(): void;
  /** Adds a fault; the first rule that fits counts. Returns what takes it away again. */
  inject(rule: FaultRule): () => void;
  /**
   * The process dies at its nth write from now on: before it gets there, or after it was carried out. From then on
   * nothing gets through, until `revive`. Returns whether it has died already.
   */
  dieAtWrite(nth: number, when: "before" | "after"): () => boolean;
  /** Takes away all faults. */
  revive(): void;
  /** Breaks all open watches. */
  cutWatches(): void;
  /** From now on open watches say nothing more, without ending. New ones are not affected. */
  silenceWatches(): void;
  /** How many watches are open. */
  readonly openWatches: number;
}

/** Answers to inject. */
export const faultAnswers = {
  tooManyRequests: (retryAfterSeconds: number): Fault => ({
    kind: "answer",
    response: { ...status(429, "TooManyRequests"), retryAfterSeconds },
  }),
  serverError: (code = 500): Fault => ({ kind: "answer", response: status(code, "InternalError") }),
  gone: (): Fault => ({ kind: "answer", response: status(410, "Expired") }),
  forbidden: (): Fault => ({ kind: "answer", response: status(403, "Forbidden") }),
  conflict: (): Fault => ({ kind: "answer", response: status(409, "Conflict") }),
} as const;

export function isWrite({ method }: ApiRequest): boolean {
  return method !== "GET";
}

export function createFaultyTransport(inner: Transport): FaultyTransport {
  let requests: RecordedApiRequest[] = [];
  let number = 0;
  let rules: { readonly rule: FaultRule; seen: number }[] = [];
  const watches = new Set<{ broken: PromiseWithResolvers<"broken">; silent: boolean }>();

  function faultOf(request: RecordedApiRequest): Fault | undefined {
    for (const state of rules) {
      const { when, after = 0, times = Number.POSITIVE_INFINITY, fault } = state.rule;
      if (when !== undefined && !when(request)) continue;
      const place = state.seen++;
      if (place >= after && place < after + times) return fault;
    }
    return undefined;
  }

  async function carryOut<Response extends ApiResponse | WatchResponse>(
    request: RecordedApiRequest,
    signal: AbortSignal | undefined,
    send: () => Promise<Response>,
  ): Promise<Response | ApiResponse> {
    requests.push(request);
    const fault = faultOf(request);
    const broken = (): ApiError =>
      new ApiError(`${request.method} ${request.path}: injected: no connection`, { code: "Unreachable" });
    switch (fault?.kind) {
      case undefined:
        return send();
      case "unreachable":
        throw broken();
      case "answerLost":
        await send();
        throw broken();
      case "answer":
        return fault.response;
      case "delay":
        await new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
        return send();
      case "stall":
        return new Promise((_, reject) => {
          const end = (): void =>
            reject(
              new ApiError(`${request.method} ${request.path}: injected: given up`, { code: "Aborted" }),
            );
          if (signal?.aborted === true) end();
          signal?.addEventListener("abort", end, { once: true });
        });
    }
  }

  async function* passedOn(events: AsyncIterable<unknown>, signal: AbortSignal): AsyncGenerator<unknown> {
    const watch = { broken: Promise.withResolvers<"broken">(), silent: false };
    const ended = new Promise<"aborted">((resolve) => {
      if (signal.aborted) resolve("aborted");
      signal.addEventListener("abort", () => resolve("aborted"), { once: true });
    });
    watches.add(watch);
    const iterator = events[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await Promise.race([iterator.next(), watch.broken.promise, ended]);
        if (next === "aborted") return;
        if (next === "broken") throw new ApiError("injected: the watch broke", { code: "Unreachable" });
        if (watch.silent) {
          const end = await Promise.race([watch.broken.promise, ended]);
          if (end === "aborted") return;
          throw new ApiError("injected: the watch broke", { code: "Unreachable" });
        }
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      watches.delete(watch);
      iterator.return?.()?.catch(() => {});
    }
  }

  return {
    get requests() {
      return requests;
    },
    get writes() {
      return requests.filter(isWrite);
    },
    get openWatches() {
      return watches.size;
    },
    forget() {
      requests = [];
    },
    inject(rule) {
      const state = { rule, seen: 0 };
      rules.push(state);
      return () => {
        rules = rules.filter((each) => each !== state);
      };
    },
    dieAtWrite(nth, when) {
      let writes = 0;
      let dead = false;
      const dies = (request: RecordedApiRequest): boolean => !dead && isWrite(request) && ++writes === nth;
      rules.unshift(
        { rule: { when: () => dead, fault: { kind: "unreachable" } }, seen: 0 },
        {
          rule: {
            when: (request) => {
              if (dies(request)) dead = true;
              return dead;
            },
            fault: { kind: when === "before" ? "unreachable" : "answerLost" },
          },
          seen: 0,
        },
      );
      return () => dead;
    },
    revive() {
      rules = [];
    },
    cutWatches() {
      for (const { broken } of watches) broken.resolve("broken");
    },
    silenceWatches() {
      for (const watch of watches) watch.silent = true;
    },
    request(request, signal) {
      return carryOut({ ...request, watch: false, number: ++number }, signal, () =>
        inner.request(request, signal),
      );
    },
    async watch(request, signal) {
      const response: ApiResponse | WatchResponse = await carryOut(
        { ...request, watch: true, number: ++number },
        signal,
        () => inner.watch(request, signal),
      );
      if (!("events" in response)) return { ...response, events: nothing() };
      return { ...response, events: passedOn(response.events, signal) };
    },
    close: () => inner.close(),
  };
}

async function* nothing(): AsyncGenerator<never> {}

function status(code: number, reason: string): ApiResponse {
  const message = `injected: ${reason}`;
  return {
    status: code,
    body: { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message },
  };
}
