import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { buildPrograms } from "./build-programs.ts";

/** Where the programs of a control plane lie, as paths. */
export interface KubernetesPrograms {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubectl: string;
  /** Not part of what KUBEBUILDER_ASSETS usually holds. Without it no controller runs: no Pods, no garbage collection. */
  readonly kubeControllerManager?: string;
}

/** The programs, or why there are none and how to get them. */
export type FoundPrograms =
  | { readonly programs: KubernetesPrograms }
  | { readonly programs: undefined; readonly reason: string };

export interface FindOptions {
  /** Build them when they are nowhere and Go is at hand, which takes minutes. Default true. */
  readonly build?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Looks for the Kubernetes programs: in the folder KUBEBUILDER_ASSETS, in the cache of what was built before, and else
 * builds them from the Go module of this package into that cache.
 * @throws when KUBEBUILDER_ASSETS names a folder that does not have them, or when the build fails.
 */
export async function findKubernetesPrograms(options: FindOptions = {}): Promise<FoundPrograms> {
  const environment = options.environment ?? process.env;
  const assets = environment["KUBEBUILDER_ASSETS"];
  if (assets !== undefined && assets !== "") return { programs: programsIn(assets, "KUBEBUILDER_ASSETS") };
  const folder = cacheFolder(environment);
  if (existsSync(join(folder, "kubectl"))) return { programs: programsIn(folder, "the cache") };
  const go = onPath("go", environment);
  if (go === undefined || options.build === false) {
    const why = go === undefined ? "there is no `go` on PATH to build them with" : "they are not built yet";
    return {
      programs: undefined,
      reason:
        `etcd, kube-apiserver, kube-controller-manager and kubectl were not found: KUBEBUILDER_ASSETS is not set, ` +
        `${folder} is empty, and ${why}. Install Go 1.25 or later (they are then built once, in about six minutes), ` +
        "or let KUBEBUILDER_ASSETS name a folder that has all four",
    };
  }
  await buildPrograms({ go, module: moduleFolder, version: kubernetesVersion(), folder, environment });
  return { programs: programsIn(folder, "the build") };
}

const moduleFolder = fileURLToPath(new URL("../../kubernetes/", import.meta.url));

/** The release that the Go module builds, like v1.35.4. */
function kubernetesVersion(): string {
  const found = /^\s*k8s\.io\/kubernetes (v\S+)$/m.exec(readFileSync(join(moduleFolder, "go.mod"), "utf8"));
  if (found?.[1] === undefined) throw new Error(`${moduleFolder}go.mod requires no k8s.io/kubernetes`);
  return found[1];
}

/** Outside the checkout and named after all that goes into the build: a clean checkout finds what another built. */
function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const digest = createHash("sha256");
  for (const file of ["go.mod", "go.sum", "main.go"]) digest.update(readFileSync(join(moduleFolder, file)));
  const base = environment["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const name = `${kubernetesVersion()}-${digest.digest("hex").slice(0, 12)}`;
  return join(base, "gatewright", "kubernetes", name);
}

function programsIn(folder: string, source: string): KubernetesPrograms {
  const path = (name: string): string => {
    const file = join(folder, name);
    if (!existsSync(file)) throw new Error(`${source}: ${folder} has no ${name}`);
    return file;
  };
  return {
    etcd: path("etcd"),
    kubeApiserver: path("kube-apiserver"),
    kubectl: path("kubectl"),
    ...(existsSync(join(folder, "kube-controller-manager"))
      ? { kubeControllerManager: path("kube-controller-manager") }
      : {}),
  };
}

function onPath(program: string, environment: NodeJS.ProcessEnv): string | undefined {
  const folders = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
}
