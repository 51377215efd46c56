import { isIP } from "node:net";
import type { ApiClient } from "../api-client.ts";
import type { Place, PodNetwork } from "./pod-network.ts";

/** The Pod that asks. */
export interface Asker {
  readonly namespace: string;
  readonly address: string;
}

/** Finds what stands behind a host and port, for a Pod. Rejects with why nothing does. */
export type FindPlace = (host: string, port: number, asker: Asker) => Promise<Place>;

/**
 * Cluster DNS and kube-proxy in one, as of this moment: a Service by its name (with or without namespace, `svc` and
 * `cluster.local`) or its cluster IP leads to one of its ready endpoints, a Pod's address to that Pod. `localhost` is
 * the Pod's own where the Pod declares the port. Every other host is this machine's business.
 */
export function createFindPlace(
  { api }: Pick<ApiClient, "api">,
  network: Pick<PodNetwork, "resolve">,
): FindPlace {
  const get = async (path: string) => {
    const { status, body } = await api("GET", path);
    if (status !== 200 && status !== 404) throw new Error(`GET ${path}: ${status} ${body.message ?? body}`);
    return status === 200 ? body : undefined;
  };

  const behind = async ({ metadata, spec }: ServiceObject, port: number): Promise<Place> => {
    const { name, namespace } = metadata;
    const headless = spec.clusterIP === "None";
    const declared = spec.ports?.find((one) => one.port === port);
    // Behind the name of a headless Service are the Pods themselves, with all their ports.
    if (declared === undefined && !headless) {
      throw new Error(`the Service ${namespace}/${name} has no port ${port}`);
    }
    const slices: readonly EndpointSlice[] = (
      await get(
        `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=kubernetes.io/service-name=${name}`,
      )
    ).items;
    const ready = slices.flatMap(({ endpoints, ports }) => {
      const target = headless
        ? port
        : ports?.find((one) => (one.name ?? "") === (declared?.name ?? ""))?.port;
      return (endpoints ?? [])
        .filter(({ conditions }) => target !== undefined && conditions?.ready !== false)
        .map(({ addresses: [address = ""] }) => ({ address, port: target ?? port }));
    });
    const one = ready[Math.floor(Math.random() * ready.length)];
    if (one === undefined) throw new Error(`the Service ${namespace}/${name} has no ready endpoint`);
    return network.resolve(one.address, one.port);
  };

  return async (given, port, asker) => {
    const host = given.toLowerCase().replace(/\.$/, "");
    const here = { host, port };
    if (host === "localhost") {
      try {
        return network.resolve(asker.address, port);
      } catch {
        return { host: "127.0.0.1", port };
      }
    }
    if (host.startsWith("10.244.")) return network.resolve(host, port);
    if (isIP(host) !== 0) {
      const found = await get(`/api/v1/services?fieldSelector=spec.clusterIP=${host}`);
      const [service] = found.items;
      return service === undefined ? here : behind(service, port);
    }
    const [, short = "", suffix] = /^(.*?)(\.svc(?:\.cluster\.local)?)?$/.exec(host) ?? [];
    const [name = "", namespace = asker.namespace, ...more] = short.split(".");
    const mayBeService = more.length === 0;
    const service = mayBeService ? await get(`/api/v1/namespaces/${namespace}/services/${name}`) : undefined;
    if (service !== undefined) return behind(service, port);
    // A name with a dot and without `svc` may be one of the world outside.
    if (suffix === undefined && short.includes(".")) return here;
    throw new Error(mayBeService ? `no Service ${namespace}/${name}` : `no Service is called ${host}`);
  };
}

interface ServiceObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly name?: string; readonly port: number }[];
  };
}

interface EndpointSlice {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
}
