import type { ApiResponse, Transport, WatchResponse } from "@gatewright/reconcile";
import { waitFor } from "../wait.ts";
import {
  createFaultyTransport,
  type FaultyTransport,
  isWrite,
  type RecordedApiRequest,
} from "./faulty-transport.ts";
import type { KubernetesAccess } from "./kubernetes.ts";
import { startTestOperator, type TestOperator, type TestOperatorOptions } from "./test-operator.ts";

/** An operator whose way to the API server can be watched and cut. */
export interface MortalOperator extends TestOperator {
  readonly transport: FaultyTransport;
  /** Writes so far, Events and Leases aside: they are no state that anything depends on. */
  readonly stateWrites: readonly RecordedApiRequest[];
  /** Resolves when nothing was asked, and nothing waited for an answer, for so long. */
  quiet(milliseconds?: number): Promise<void>;
  /**
   * The process dies at the nth of its writes of state that fit from now on: before the write gets there, or when it was
   * carried out and not answered. Nothing gets through any more. Resolves then.
   */
  dieAt(when: "before" | "after", fits: (request: RecordedApiRequest) => boolean, nth: number): Promise<void>;
}

export interface MortalOperatorOptions extends Omit<TestOperatorOptions, "transport"> {
  /** The way to the API server; it is left open. Many operators on one way spare a hundred TLS handshakes each. */
  readonly way?: Transport;
}

export async function startMortalOperator(
  kubernetes: Pick<KubernetesAccess, "kubeconfig">,
  { way, ...options }: MortalOperatorOptions = {},
): Promise<MortalOperator> {
  let transport: FaultyTransport | undefined;
  let waiting = 0;
  let heard = performance.now();
  const operator = await startTestOperator(kubernetes, {
    ...options,
    transport(inner) {
      transport = createFaultyTransport(
        way === undefined ? inner : { request: way.request, watch: way.watch, close: () => inner.close() },
      );
      return counted(transport, (step) => {
        waiting += step;
        heard = performance.now();
      });
    },
  });
  if (transport === undefined) throw new Error("the operator asked for no transport");
  const laid = transport;
  return {
    ...operator,
    transport: laid,
    get stateWrites() {
      return laid.writes.filter(isOfState);
    },
    async quiet(milliseconds = 300) {
      await waitFor(
        `an operator that asks nothing for ${milliseconds} ms`,
        () => waiting === 0 && performance.now() - heard >= milliseconds,
        { detail: () => operator.log.slice(-10).join("") },
      );
    },
    dieAt(when, fits, nth) {
      return new Promise((resolve) => {
        let seen = 0;
        let dead = false;
        laid.inject({ when: () => dead, fault: { kind: "unreachable" } });
        laid.inject({
          when(request) {
            if (dead || !isWrite(request) || !isOfState(request) || !fits(request) || ++seen !== nth)
              return false;
            dead = true;
            resolve();
            return true;
          },
          fault: { kind: when === "before" ? "unreachable" : "answerLost" },
        });
      });
    },
  };
}

function isOfState({ path }: RecordedApiRequest): boolean {
  return !path.startsWith("/apis/events.k8s.io/") && !path.startsWith("/apis/coordination.k8s.io/");
}

/** Tells when a request begins (1) and ends (-1), watches aside once they are open. */
function counted(inner: Transport, step: (by: 1 | -1) => void): Transport {
  const during = async <R extends ApiResponse | WatchResponse>(answer: Promise<R>): Promise<R> => {
    step(1);
    try {
      return await answer;
    } finally {
      step(-1);
    }
  };
  return {
    request: (request, signal) => during(inner.request(request, signal)),
    watch: (request, signal) => during(inner.watch(request, signal)),
    close: () => inner.close(),
  };
}
