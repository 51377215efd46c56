import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../free-port.ts";
import { waitFor } from "../wait.ts";
import { createApiClient } from "./api-client.ts";
import { auditPolicy } from "./audit.ts";
import { type Component, startComponent } from "./component.ts";
import { ADMINISTRATOR, connectKubernetes, type KubernetesConnection, kubeconfigText } from "./connection.ts";
import { apiServerFlags, controllerFlags, etcdFlags } from "./control-plane-flags.ts";
import { startKeeper } from "./keeper.ts";
import type { Kubernetes, KubernetesAccess } from "./kubernetes.ts";
import type { KubernetesOptions } from "./kubernetes-options.ts";
import { findKubernetesPrograms } from "./programs.ts";

/**
 * Starts etcd, kube-apiserver and kube-controller-manager on free ports of 127.0.0.1, with certificates, tokens and
 * data in a temporary folder. Resolves in about five seconds, when the API is ready and the default ServiceAccount is
 * there. Everything ends with `stop`, and at the latest with this process.
 * @throws when the programs are missing (with how to get them) or one of them does not start (with what it said).
 */
export async function startKubernetes(
  options: KubernetesOptions = {},
): Promise<Kubernetes & { readonly connection: KubernetesConnection }> {
  const { programs, ...missing } = await findKubernetesPrograms();
  if (programs === undefined) throw new Error("reason" in missing ? missing.reason : "no programs");
  const controllerManager = options.controllerManager !== false ? programs.kubeControllerManager : undefined;
  if (controllerManager === undefined && options.controllerManager !== false) {
    throw new Error(
      "no kube-controller-manager beside kube-apiserver: add it to KUBEBUILDER_ASSETS, or unset that",
    );
  }
  const folder = await mkdtemp(join(tmpdir(), "gatewright-kubernetes-"));
  const keeper = startKeeper(folder);
  const [etcdPort, securePort, managerPort] = [await freePort(2), await freePort(), await freePort()];
  const url = `https://127.0.0.1:${securePort}`;
  const users = { ...standardUsers, ...options.users };
  const tokens = Object.fromEntries(
    Object.keys(users).map((user) => [user, randomBytes(16).toString("hex")]),
  );
  const adminToken = tokens[ADMINISTRATOR] ?? "";
  const files = await writeFiles(folder, url, users, tokens);
  const connection = {
    url,
    certificateAuthority: files.authority,
    tokens,
    kubectl: programs.kubectl,
    folder,
    auditLog: join(folder, "audit.log"),
  };
  const start = (program: string, args: readonly string[]): Component =>
    startComponent({ program, args, keeper, logFile: join(folder, `${program.split("/").at(-1)}.log`) });
  const startApiServer = async (): Promise<Component> => {
    const flags = apiServerFlags(folder, etcdPort, securePort, options);
    const server = start(programs.kubeApiserver, flags);
    await ready(server, connection, adminToken);
    return server;
  };

  const access = await connectKubernetes(connection);
  const components: { etcd?: Component; api?: Component; controllers?: Component } = {};
  const stop = async (): Promise<void> => {
    await access.close();
    await components.controllers?.stop("SIGTERM", 5_000);
    await components.api?.stop("SIGTERM", 5_000);
    await components.etcd?.stop("SIGTERM", 5_000);
    keeper.stop();
  };
  try {
    components.etcd = start(programs.etcd, etcdFlags(folder, etcdPort));
    components.api = await startApiServer();
    await establish(access, options.definitions ?? []);
    // Only now: a controller manager that meets a server which is not ready gives up.
    if (controllerManager !== undefined) {
      components.controllers = start(controllerManager, controllerFlags(folder, managerPort, options));
      await accounts(components.controllers, connection, adminToken);
    }
  } catch (error) {
    await stop();
    throw error;
  }

  const stopApiServer = async (signal?: NodeJS.Signals): Promise<() => Promise<void>> => {
    // With watches open it takes its time to end; what its clients see is the same when it is cut short.
    await components.api?.stop(signal, 2_000);
    return async () => {
      components.api = await startApiServer();
    };
  };
  return {
    ...access,
    connection,
    stopApiServer,
    async restartApiServer(signal) {
      const restart = await stopApiServer(signal);
      await restart();
    },
    async stallApiServer(seconds) {
      components.api?.signal("SIGSTOP");
      try {
        await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      } finally {
        components.api?.signal("SIGCONT");
      }
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const standardUsers: { readonly [user: string]: readonly string[] } = {
  [ADMINISTRATOR]: ["system:masters"],
  "system:node:kubelet": ["system:nodes"],
  developer: [],
};

const START_MILLISECONDS = 120_000;

async function writeFiles(
  folder: string,
  url: string,
  users: { readonly [user: string]: readonly string[] },
  tokens: { readonly [user: string]: string },
): Promise<{ authority: string }> {
  const names = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"];
  // Loaded here: whoever imports testkit for something else need not pay for it.
  const { controlPlaneCertificates } = await import("./certificates.ts");
  const made = await controlPlaneCertificates(names, ["127.0.0.1", "10.0.0.1"]);
  const rows = Object.entries(users).map(([user, groups]) =>
    [tokens[user], user, user, `"${groups.join(",")}"`].join(","),
  );
  const files = {
    "ca.crt": made.authority,
    "server.crt": made.serverCertificate,
    "server.key": made.serverKey,
    "accounts.pub": made.serviceAccountPublicKey,
    "accounts.key": made.serviceAccountPrivateKey,
    "tokens.csv": `${rows.join("\n")}\n`,
    "audit-policy.json": auditPolicy,
    "controllers.kubeconfig": kubeconfigText(
      { url, certificateAuthority: made.authority },
      tokens[ADMINISTRATOR] ?? "",
    ),
  };
  await mkdir(join(folder, "controller-manager"), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
  }
  return { authority: made.authority };
}

async function establish(access: KubernetesAccess, definitions: readonly string[]): Promise<void> {
  if (definitions.length === 0) return;
  const files = definitions.flatMap((path) => ["-f", path]);
  for (const args of [
    ["apply", "--server-side", ...files],
    ["wait", "--for=condition=Established", ...files],
  ]) {
    const { code, stderr } = await access.kubectl(args);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  }
}

async function ready(server: Component, connection: KubernetesConnection, token: string): Promise<void> {
  await reached("the API server is ready", server, connection, token, "/readyz");
}

/** The default ServiceAccount: without it no Pod can be made in the namespace `default`. */
async function accounts(
  controllers: Component,
  connection: KubernetesConnection,
  token: string,
): Promise<void> {
  const path = "/api/v1/namespaces/default/serviceaccounts/default";
  await reached("the default ServiceAccount is there", controllers, connection, token, path);
}

async function reached(
  what: string,
  component: Component,
  { url, certificateAuthority }: KubernetesConnection,
  token: string,
  path: string,
): Promise<void> {
  const client = createApiClient(url, certificateAuthority, token);
  try {
    const found = await waitFor(
      what,
      async () => {
        if (!component.running) return "ended";
        return (await client.api("GET", path)).status === 200 && "ready";
      },
      { capMilliseconds: START_MILLISECONDS, detail: () => component.log() },
    );
    if (found === "ended") throw new Error(`${component.name} ended before: ${what}\n${component.log()}`);
  } finally {
    await client.close();
  }
}
