import { cp, mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TemporaryFolder } from "@gatewright/testkit";
import { measuredNode, type Program } from "./program.ts";

/** Something that may take part: how it is started, and how it is asked. */
export interface Entrant {
  readonly name: string;
  /** What clients send beside the usual headers. */
  readonly headers: { readonly [name: string]: string };
  readonly model: string;
  readonly program: (port: number) => Program | Promise<Program>;
}

/** The keys that clients and gateways use. */
export const clientKey = "sk-bench-client";
export const governedKey = "sk-bench-governed";
export const upstreamKey = "sk-bench-upstream";

export const clientHeaders = { authorization: `Bearer ${clientKey}` };

/** What the configuration files of the bench name. `upstream` is a base URL without a path. */
export function gatewayEnvironment(upstream: string): { readonly [name: string]: string } {
  return {
    BENCH_UPSTREAM: `${upstream}/v1`,
    BENCH_UPSTREAM_KEY: upstreamKey,
    BENCH_KEY: clientKey,
    BENCH_GOVERNED_KEY: governedKey,
  };
}

const own = (path: string): string => new URL(path, import.meta.url).pathname;

/** The bundle. With a folder for profiles Node writes one there when the process ends. */
function gateway(config: string, name: string, upstream: string, profiles?: string): Entrant["program"] {
  const profiling =
    profiles === undefined
      ? []
      : ["--cpu-prof", `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${name}.cpuprofile`];
  return (port) =>
    measuredNode(
      [
        ...profiling,
        own("../dist/gatewright.mjs"),
        ...["gateway", "--config", own(config), "--port", String(port), "--host", "127.0.0.1"],
      ],
      gatewayEnvironment(upstream),
    );
}

/** Gatewright with a master key, metrics and access log. */
export function bare(upstream: string, profiles?: string): Entrant {
  return {
    name: "gatewright",
    headers: clientHeaders,
    model: "bench-model",
    program: gateway("config.yaml", "gatewright", upstream, profiles),
  };
}

/** Gatewright with everything that a platform team switches on. */
export function governed(upstream: string, profiles?: string): Entrant {
  return {
    name: "governed",
    headers: { authorization: `Bearer ${governedKey}` },
    model: "bench-model",
    program: gateway("governed.yaml", "governed", upstream, profiles),
  };
}

/** Our thin relay. */
export function relay(upstream: string): Entrant {
  return {
    name: "relay",
    headers: clientHeaders,
    model: "bench-model",
    program: (port) => relayProgram(own("relay.mjs"), port, upstream),
  };
}

/** Another relay; copied beside our `node_modules` first, where it finds undici. */
export function referenceRelay(upstream: string, file: string, folder: TemporaryFolder): Entrant {
  return {
    name: "reference",
    headers: clientHeaders,
    model: "bench-model",
    program: async (port) => {
      const copy = join(folder.path, "reference", "relay.mjs");
      await mkdir(dirname(copy), { recursive: true });
      await cp(file, copy);
      await symlink(own("../node_modules"), join(dirname(copy), "node_modules"));
      return relayProgram(copy, port, upstream);
    },
  };
}

function relayProgram(file: string, port: number, upstream: string): Program {
  return measuredNode([file], { PORT: String(port), UPSTREAM: upstream, KEY: upstreamKey });
}
