import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { KubernetesAccess } from "./kubernetes.ts";
import { answerAsTool } from "./pretend-tool.ts";

export interface PretendGatewaysOptions {
  /** First two numbers of the pods' addresses: default `10.244`. `127.<n>` is reached without `reach`, on Linux only. */
  readonly network?: string;
  /** Port that is answered at the pod's own address; unset: a free one of 127.0.0.1, found by `reach`. */
  readonly port?: number;
  /** What the pods of a namespace say they serve, while the given digest stands there; default: that one. */
  readonly says?: (namespace: string, digest: string) => string;
}

/**
 * Pods without processes, of gateways, agents and tools: Ready from the beginning. The gateways serve whatever document
 * stands, the tools are MCP servers of one tool.
 */
export interface PretendGateways extends AsyncDisposable {
  /** Where a pod's address is answered; for `OperatorOptions.reach`. */
  readonly reach: (address: string, port: number) => { readonly host: string; readonly port: number };
  /** Pods made ready so far. */
  readonly count: number;
}

/**
 * Makes all pods of gateways, agents and tools Running and Ready through the API, and answers the gateways' readiness page
 * with the digest of the document in their ConfigMap: hundreds of them at rest for the price of none.
 */
export async function pretendGateways(
  kubernetes: Pick<KubernetesAccess, "client">,
  options: PretendGatewaysOptions = {},
): Promise<PretendGateways> {
  const { network = "10.244", port, says = (_, standing) => standing } = options;
  const client = kubernetes.client();
  const stop = new AbortController();
  const servers = new Map<string, Server>();
  const known = new Set<string>();

  const digest = async ({ namespace, labels = {} }: Named): Promise<string> => {
    const alone = labels["langop.io/kind"] === "LanguageModel";
    const config = alone ? `${labels["app.kubernetes.io/name"]}-model` : "gateway-config";
    const { body } = await client.api("GET", `/api/v1/namespaces/${namespace}/configmaps/${config}`);
    const standing = createHash("sha256")
      .update(body.data?.["config.yaml"] ?? "")
      .digest("hex");
    return says(namespace, standing);
  };

  const serve = async (pod: Named, address: string): Promise<void> => {
    const server = createServer((incoming, response) => {
      if (kindOf(pod) === "LanguageTool") {
        void answerAsTool(incoming, response).catch(() => response.destroy());
        return;
      }
      void digest(pod)
        .catch(() => "")
        .then((config_digest) => response.end(JSON.stringify({ config_digest, config_problems: [] })));
    });
    servers.set(address, server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      if (port === undefined) server.listen(0, "127.0.0.1", resolve);
      else server.listen(port, address, resolve);
    });
  };

  const begin = async (pod: Named): Promise<void> => {
    const { name, namespace, uid } = pod;
    if (known.has(uid)) return;
    known.add(uid);
    const address = `${network}.${1 + Math.floor(known.size / 250)}.${1 + (known.size % 250)}`;
    if (kindOf(pod) !== "LanguageAgent") await serve(pod, address);
    const now = new Date().toISOString().replace(/\.\d+/, "");
    const conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map((type) => ({
      type,
      status: "True",
      lastTransitionTime: now,
    }));
    const status = {
      phase: "Running",
      podIP: address,
      podIPs: [{ ip: address }],
      startTime: now,
      conditions,
    };
    // One that is gone meanwhile needs nothing.
    await client.api("PATCH", `/api/v1/namespaces/${namespace}/pods/${name}/status`, { status });
  };

  const kinds = "langop.io/kind in (gateway,LanguageModel,LanguageAgent,LanguageTool)";
  const selector = `labelSelector=${encodeURIComponent(kinds)}`;
  const list = await client.api("GET", `/api/v1/pods?${selector}`);
  for (const pod of list.body.items ?? []) await begin(pod.metadata);
  const from = list.body.metadata.resourceVersion;
  const events = await client.watch(
    `/api/v1/pods?watch=true&resourceVersion=${from}&${selector}`,
    stop.signal,
  );
  const following = (async () => {
    for await (const { type, object } of events) {
      if (type === "ADDED" && object.status?.podIP === undefined) await begin(object.metadata);
    }
  })().catch(() => {});

  return {
    reach(address) {
      const server = servers.get(address);
      if (server === undefined || port !== undefined) return { host: address, port: port ?? 4000 };
      return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
    },
    get count() {
      return known.size;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
      for (const server of servers.values()) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

function kindOf({ labels = {} }: Named): string | undefined {
  return labels["langop.io/kind"];
}

interface Named {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly labels?: { readonly [name: string]: string };
}
