import { type Client, resourceTypes } from "@gatewright/reconcile";

type Selector = { readonly [name: string]: string };

/** Selectors of Services that network rules name; Services of other people, so they are looked at and not watched. */
export interface ServiceSelectors {
  /** `undefined` when it has none, or was never asked for. */
  readonly selector: (namespace: string, name: string) => Selector | undefined;
  /** Reads those that expired. Returns the seconds until the next of them does. */
  refresh(places: readonly string[]): Promise<number>;
}

/** Seconds a selector is trusted: they hardly ever change, and a stale one only closes what it should open. */
const trusted = 300;

export function createServiceSelectors(client: Client, now: () => number): ServiceSelectors {
  const known = new Map<string, { readonly selector?: Selector; readonly expires: number }>();
  return {
    selector: (namespace, name) => known.get(`${namespace}/${name}`)?.selector,
    async refresh(places) {
      const due = places.filter((place) => (known.get(place)?.expires ?? 0) <= now());
      await Promise.all(
        due.map(async (place) => {
          const [namespace = "", name = ""] = place.split("/");
          const service = await client.get(resourceTypes.Service, { namespace, name });
          const { selector } = (service?.["spec"] ?? {}) as { readonly selector?: Selector };
          const expires = now() + trusted * 1000;
          known.set(place, { expires, ...(selector === undefined ? {} : { selector }) });
        }),
      );
      const next = Math.min(...places.map((place) => known.get(place)?.expires ?? 0));
      return Math.max(1, Math.ceil((next - now()) / 1000));
    },
  };
}
