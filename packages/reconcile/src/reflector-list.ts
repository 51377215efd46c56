import { ApiError, errorOf } from "./api-error.ts";
import { breathe, type Clock } from "./clock.ts";
import type { KubernetesObject } from "./object.ts";
import type { ApiRequest, Transport } from "./transport.ts";

/** An object of a list, already reduced to what is kept. */
export interface KeptObject {
  readonly version: string;
  readonly value: unknown;
}

/** Reads all objects of a kind, page by page. */
export interface ObjectPages {
  /** The objects by key, and the version to watch on from. Throws ApiError. `answered` is called for every page. */
  read(
    signal: AbortSignal,
    answered: () => void,
  ): Promise<{ readonly objects: Map<string, KeptObject>; readonly version: string }>;
}

/** Objects a page: what kube-controller-manager and kubectl ask for. */
const PAGE_OBJECTS = 500;

export function objectPages(options: {
  readonly transport: Transport;
  readonly request: (query: { readonly [name: string]: string }) => ApiRequest;
  /** The object's key and what is kept of it. */
  readonly take: (object: KubernetesObject) => { readonly key: string; readonly kept: KeptObject };
  /** Whether the first reading may be of what the server has at hand, and comes in one answer. */
  readonly atHandFirst: boolean;
  readonly clock: Clock;
  readonly pageMilliseconds: number;
}): ObjectPages {
  let atHand = options.atHandFirst;

  const page = async (request: ApiRequest, signal: AbortSignal): Promise<ListPage> => {
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    const disarm = options.clock.after(options.pageMilliseconds, stop);
    try {
      const response = await options.transport.request(request, abort.signal);
      if (response.status !== 200) throw errorOf(request, response);
      return listPage(request, response.body);
    } finally {
      disarm();
      signal.removeEventListener("abort", stop);
    }
  };

  const readPages = async (
    query: { readonly [name: string]: string },
    signal: AbortSignal,
    answered: () => void,
  ): Promise<{ readonly objects: Map<string, KeptObject>; readonly version: string }> => {
    const objects = new Map<string, KeptObject>();
    let next = query;
    for (;;) {
      const { items, version, rest } = await page(options.request(next), signal);
      answered();
      for (const item of items) {
        const { key, kept } = options.take(item);
        objects.set(key, kept);
      }
      // All pages are of one moment, so the version of the last is the version of all.
      if (rest === undefined) return { objects, version };
      next = { limit: String(PAGE_OBJECTS), continue: rest };
      await breathe();
    }
  };

  return {
    async read(signal, answered) {
      const limit = String(PAGE_OBJECTS);
      try {
        // The limit is for servers that have nothing at hand yet; others answer version 0 with all there is.
        const query = atHand ? { limit, resourceVersion: "0" } : { limit };
        const all = await readPages(query, signal, answered);
        atHand = false;
        return all;
      } catch (error) {
        if (!ApiError.is(error, "Gone")) throw error;
        // The moment the pages are of was compacted away between two of them. In one page that cannot happen.
        return readPages({}, signal, answered);
      }
    },
  };
}

interface ListPage {
  readonly items: readonly KubernetesObject[];
  readonly version: string;
  readonly rest?: string;
}

function listPage(request: ApiRequest, body: unknown): ListPage {
  const { items, metadata } = (body ?? {}) as {
    readonly items?: readonly KubernetesObject[] | null;
    readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  };
  const version = metadata?.resourceVersion;
  if (typeof version !== "string") {
    throw new ApiError(`GET ${request.path}: the answer is no list: it has no resourceVersion`, {
      code: "Unexpected",
      status: 200,
    });
  }
  const rest = metadata?.continue;
  return { items: items ?? [], version, ...(rest === undefined || rest === "" ? {} : { rest }) };
}
