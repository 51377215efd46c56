import { isDeepStrictEqual } from "node:util";
import { ApiError, errorOf } from "./api-error.ts";
import type { Clock } from "./clock.ts";
import { pathOf, resourceTypes } from "./resource-type.ts";
import type { ApiRequest, ApiResponse, Transport } from "./transport.ts";

/** What a Lease says (LeaseSpec of coordination.k8s.io/v1). */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** A Lease on the server, as last seen. */
export interface LeaseRecord {
  /** Undefined when it was not read yet, or there is none. */
  readonly spec: LeaseSpec | undefined;
  /**
   * For how long it has been seen unchanged, milliseconds. Only this process's clock is asked: the clocks of two
   * machines never agree.
   */
  age(): number;
  /** Reads it. Throws ApiError. */
  read(): Promise<void>;
  /**
   * Writes what it says, if nobody has written since it was last seen; makes it when there was none. Throws ApiError:
   * Conflict or AlreadyExists when somebody was faster; it must be read again then.
   */
  write(spec: LeaseSpec): Promise<void>;
}

interface Lease {
  readonly spec?: LeaseSpec;
  readonly [member: string]: unknown;
}

export function leaseRecord(
  key: { readonly namespace: string; readonly name: string },
  context: {
    readonly transport: Transport;
    readonly clock: Clock;
    /** How long a request may take, milliseconds. */
    readonly patience: () => number;
  },
): LeaseRecord {
  const { clock } = context;
  const collection = pathOf(resourceTypes.Lease, { namespace: key.namespace });
  const place = pathOf(resourceTypes.Lease, key);
  let known: Lease | undefined;
  let seenAt = 0;

  const learn = (lease: Lease): void => {
    if (!isDeepStrictEqual(known?.spec, lease.spec)) seenAt = clock.monotonic();
    known = lease;
  };

  const ask = async (request: ApiRequest): Promise<ApiResponse> => {
    const abort = new AbortController();
    const cancel = clock.after(context.patience(), () => abort.abort());
    try {
      return await context.transport.request(request, abort.signal);
    } finally {
      cancel();
    }
  };

  const request = (spec: LeaseSpec): ApiRequest => {
    // With the resourceVersion that was last seen, so that of two writers one is refused.
    if (known !== undefined) return { method: "PUT", path: place, body: { ...known, spec } };
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: key, spec };
    return { method: "POST", path: collection, body };
  };

  return {
    get spec() {
      return known?.spec;
    },
    age: () => clock.monotonic() - seenAt,
    async read() {
      const look: ApiRequest = { method: "GET", path: place };
      const response = await ask(look);
      if (response.status === 404) known = undefined;
      else if (response.status === 200) learn(response.body as Lease);
      else throw errorOf(look, response);
    },
    async write(spec) {
      const write = request(spec);
      const response = await ask(write);
      if (response.status === 200 || response.status === 201) return learn(response.body as Lease);
      const error = errorOf(write, response);
      if (ApiError.is(error, "Conflict", "NotFound")) known = undefined;
      throw error;
    },
  };
}

/** RFC 3339 with microseconds, as MicroTime wants it. */
export function microTime(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString().replace("Z", "000Z");
}
