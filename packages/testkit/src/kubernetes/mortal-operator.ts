import type { ApiRequest, ApiResponse, Transport, WatchResponse } from "@gatewright/reconcile";
import { waitFor } from "../wait.ts";
import {
  createFaultyTransport,
  type FaultyTransport,
  isWrite,
  type RecordedApiRequest,
} from "./faulty-transport.ts";
import type { KubernetesAccess } from "./kubernetes.ts";
import { startTestOperator, type TestOperator, type TestOperatorOptions } from "./test-operator.ts";

/** The way of an operator to the API server, which can be watched and cut. */
export interface MortalWay {
  readonly transport: FaultyTransport;
  /** Writes so far, Events and Leases aside: they are no state that anything depends on. */
  readonly stateWrites: readonly RecordedApiRequest[];
  /** Resolves when, from now on, nothing is asked and nothing waits for an answer for so long. */
  quiet(milliseconds?: number): Promise<void>;
  /**
   * The process dies at the nth of its writes of state that fit from now on: before the write gets there, or when it was
   * carried out and not answered. Nothing gets through any more. Resolves then.
   */
  dieAt(when: "before" | "after", fits: (request: RecordedApiRequest) => boolean, nth: number): Promise<void>;
}

export interface MortalOperator extends TestOperator, MortalWay {}

export interface MortalOperatorOptions extends Omit<TestOperatorOptions, "transport"> {
  /** The way to the API server; it is left open. Many operators on one way spare a hundred TLS handshakes each. */
  readonly way?: Transport;
  /** Called before the operator asks for anything. */
  readonly prepare?: (way: MortalWay) => void;
}

export async function startMortalOperator(
  kubernetes: Pick<KubernetesAccess, "kubeconfig">,
  { way, prepare, ...options }: MortalOperatorOptions = {},
): Promise<MortalOperator> {
  let laid: MortalWay | undefined;
  const operator = await startTestOperator(kubernetes, {
    ...options,
    transport(inner) {
      // Closed with the operator; the way they share goes on.
      const outer = way === undefined ? inner : { ...way, close: () => inner.close() };
      const { mortal, transport } = layWay(outer);
      laid = mortal;
      prepare?.(mortal);
      return transport;
    },
  });
  if (laid === undefined) throw new Error("the operator asked for no transport");
  return Object.assign(laid, operator);
}

function layWay(inner: Transport): { readonly mortal: MortalWay; readonly transport: Transport } {
  const transport = createFaultyTransport(inner);
  let waiting = 0;
  let heard = performance.now();
  const mortal: MortalWay = {
    transport,
    get stateWrites() {
      return transport.writes.filter(isOfState);
    },
    async quiet(milliseconds = 300) {
      const asked = performance.now();
      await waitFor(
        `an operator that asks nothing for ${milliseconds} ms`,
        () => waiting === 0 && performance.now() - Math.max(heard, asked) >= milliseconds,
        { capMilliseconds: 60_000 },
      );
    },
    dieAt(when, fits, nth) {
      return new Promise((resolve) => {
        let seen = 0;
        let dead = false;
        transport.inject({ when: () => dead, fault: { kind: "unreachable" } });
        transport.inject({
          when(request) {
            if (dead || !isWrite(request) || !isOfState(request)) return false;
            if (!fits(request) || ++seen !== nth) return false;
            dead = true;
            resolve();
            return true;
          },
          fault: { kind: when === "before" ? "unreachable" : "answerLost" },
        });
      });
    },
  };
  const step = (by: 1 | -1): void => {
    waiting += by;
    heard = performance.now();
  };
  return { mortal, transport: counted(transport, step) };
}

function isOfState({ path }: RecordedApiRequest): boolean {
  return !path.startsWith("/apis/events.k8s.io/") && !path.startsWith("/apis/coordination.k8s.io/");
}

/** Tells when a request begins (1) and ends (-1): not those for the Lease, which never rest, nor watches that are open. */
function counted(inner: Transport, step: (by: 1 | -1) => void): Transport {
  const during = async <R extends ApiResponse | WatchResponse>(
    { path }: ApiRequest,
    send: () => Promise<R>,
  ): Promise<R> => {
    if (path.startsWith("/apis/coordination.k8s.io/")) return send();
    step(1);
    try {
      return await send();
    } finally {
      step(-1);
    }
  };
  return {
    request: (request, signal) => during(request, () => inner.request(request, signal)),
    watch: (request, signal) => during(request, () => inner.watch(request, signal)),
    close: () => inner.close(),
  };
}
