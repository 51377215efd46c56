import { freePort } from "../../free-port.ts";

/** Where a process really listens. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** How Pods come by addresses, and how others reach what listens on them. */
export interface PodNetwork {
  /** An address of 10.244.0.0/16 that no other Pod of this network has. */
  address(): string;
  /** Where a container must listen for it to be reached at this port of the Pod. The same answer every time. */
  listen(address: string, port: number): Promise<Place>;
  /** Where to reach a port of a Pod. @throws when nobody was told to listen there. */
  resolve(address: string, port: number): Place;
  /** The Pod is no more. */
  release(address: string): void;
}

/** A network whose addresses are only labels: every port of a Pod is a free port of 127.0.0.1. Needs no privileges. */
export function createLoopbackNetwork(): PodNetwork {
  const pods = new Map<string, Map<number, Promise<Place>>>();
  const places = new Map<string, Place>();
  // Anywhere, so that two kubelets of one server hardly ever give the same addresses.
  let next = Math.floor(Math.random() * 65_536);
  return {
    address() {
      for (;;) {
        next = (next + 1) % 65_536;
        const address = `10.244.${next >> 8}.${next & 255}`;
        const last = next & 255;
        if (last === 0 || last === 255 || pods.has(address)) continue;
        pods.set(address, new Map());
        return address;
      }
    },
    listen(address, port) {
      const ports = pods.get(address);
      if (ports === undefined) throw new Error(`no Pod has the address ${address}`);
      const known = ports.get(port);
      if (known !== undefined) return known;
      const place = freePort().then((free) => {
        const found = { host: "127.0.0.1", port: free };
        places.set(`${address}:${port}`, found);
        return found;
      });
      ports.set(port, place);
      return place;
    },
    resolve(address, port) {
      const place = places.get(`${address}:${port}`);
      if (place === undefined) {
        const why = pods.has(address) ? "its Pod declares no such containerPort" : "no Pod has this address";
        throw new Error(`nothing listens on ${address}:${port}: ${why}`);
      }
      return place;
    },
    release(address) {
      for (const port of pods.get(address)?.keys() ?? []) places.delete(`${address}:${port}`);
      pods.delete(address);
    },
  };
}
