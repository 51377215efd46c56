import { ApiError } from "./api-error.ts";
import type { Transport } from "./transport.ts";

/**
 * A transport that lets nothing be written while `mayWrite` is false. Whoever acts under a lease writes through it: a
 * process that slept past its lease must not finish what it began, and a signal would come too late.
 */
export function fencedTransport(transport: Transport, mayWrite: () => boolean): Transport {
  return {
    async request(request, signal) {
      if (request.method !== "GET" && !mayWrite()) {
        throw new ApiError(
          `${request.method} ${request.path}: not sent, this process does not hold the lease (any more)`,
          { code: "Aborted" },
        );
      }
      return transport.request(request, signal);
    },
    watch: async (request, signal) => transport.watch(request, signal),
    close: async () => transport.close(),
  };
}
