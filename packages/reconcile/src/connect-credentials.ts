import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { ConnectionOptions } from "node:tls";
import type { KubeConfig } from "@kubernetes/client-node";

/** With what the API server is spoken to at the moment. */
export interface Access {
  readonly headers: { readonly [name: string]: string };
  readonly tls: Pick<
    ConnectionOptions,
    "ca" | "cert" | "key" | "pfx" | "passphrase" | "servername" | "rejectUnauthorized"
  >;
}

/** Where the API server is and how to be let in. */
export interface Credentials {
  /** Origin and path prefix of the API server. */
  readonly server: string;
  /** The context's namespace; `default` where it says none. */
  readonly namespace: string;
  /** An HTTP proxy to go through. */
  readonly proxy?: string;
  /** Reads tokens and certificates anew; may run a program. Throws when there are none to be had. */
  read(): Promise<Access>;
}

export interface CredentialsOptions {
  /** A kubeconfig file. Unset: KUBECONFIG, else the pod's ServiceAccount, else ~/.kube/config, as controllers in Go look. */
  readonly kubeconfig?: string;
  readonly environment: { readonly [name: string]: string | undefined };
  /** Where a pod finds its ServiceAccount. */
  readonly serviceAccountFolder?: string;
}

/** Finds the way in. Throws with all places that were looked at when there is none. */
export async function findCredentials(options: CredentialsOptions): Promise<Credentials> {
  const { environment } = options;
  if (options.kubeconfig !== undefined) return fromKubeconfig([options.kubeconfig]);
  const listed = environment["KUBECONFIG"]?.split(":").filter((file) => file !== "") ?? [];
  if (listed.length > 0) return fromKubeconfig(listed);
  const host = environment["KUBERNETES_SERVICE_HOST"];
  const port = environment["KUBERNETES_SERVICE_PORT"];
  if (host !== undefined && port !== undefined) {
    return fromServiceAccount(host, port, options.serviceAccountFolder ?? SERVICE_ACCOUNT);
  }
  const home = environment["HOME"];
  if (home === undefined) throw new Error(NO_CREDENTIALS);
  const file = `${home}/.kube/config`;
  const exists = await readFile(file).then(
    () => true,
    () => false,
  );
  if (!exists) throw new Error(NO_CREDENTIALS);
  return fromKubeconfig([file]);
}

/**
 * The pod's own ServiceAccount. Without the Kubernetes client library, which costs a running operator 80 MB for
 * nothing: two files, of which the kubelet replaces the token about every 48 minutes and the CA when it is rotated.
 */
async function fromServiceAccount(host: string, port: string, folder: string): Promise<Credentials> {
  const namespace = await readFile(`${folder}/namespace`, "utf8").catch(() => "default");
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    namespace: namespace.trim(),
    read: async () => {
      const [token, ca] = await Promise.all([readToken(`${folder}/token`), readFile(`${folder}/ca.crt`)]);
      return { headers: { authorization: `Bearer ${token}` }, tls: { ca } };
    },
  };
}

async function fromKubeconfig(files: readonly string[]): Promise<Credentials> {
  const first = await loadKubeconfig(files);
  const { cluster } = first;
  if (cluster.proxyUrl?.startsWith("socks")) {
    throw new Error(`${files.join(":")}: proxy-url ${cluster.proxyUrl}: only HTTP proxies are supported`);
  }
  return {
    server: cluster.server,
    namespace: first.namespace,
    ...(cluster.proxyUrl === undefined ? {} : { proxy: cluster.proxyUrl }),
    // Loaded anew each time: programs and people rewrite these files, and a refused token of a plugin is not kept.
    read: async () => accessOf(await loadKubeconfig(files)),
  };
}

interface Loaded {
  readonly config: KubeConfig;
  readonly cluster: { readonly server: string; readonly proxyUrl?: string };
  readonly namespace: string;
  readonly tokenFile?: string;
}

async function loadKubeconfig(files: readonly string[]): Promise<Loaded> {
  const { KubeConfig, parse } = await import("./kubeconfig-library.ts");
  const config = new KubeConfig();
  const tokenFiles = new Map<string, string>();
  for (const [index, file] of files.entries()) {
    try {
      const text = await readFile(file, "utf8");
      const part = index === 0 ? config : new KubeConfig();
      part.loadFromString(text);
      part.makePathsAbsolute(dirname(file));
      if (index > 0) config.mergeConfig(part, config.currentContext !== undefined);
      for (const { name, user } of parse(text)?.users ?? []) {
        // The library knows only `token-file`, which is not how Kubernetes spells it, and reads it but once.
        const tokenFile = user?.tokenFile;
        if (typeof tokenFile === "string") tokenFiles.set(name, resolve(dirname(file), tokenFile));
      }
    } catch (error) {
      throw new Error(`kubeconfig ${file} cannot be read: ${messageOf(error)}`, { cause: error });
    }
  }
  const context = config.getContextObject(config.currentContext);
  const cluster = config.getCurrentCluster();
  if (context === null || cluster === null) {
    throw new Error(
      `kubeconfig ${files.join(":")}: current-context ${JSON.stringify(config.currentContext)} names no context with a cluster`,
    );
  }
  const tokenFile = tokenFiles.get(context.user);
  return {
    config,
    cluster,
    namespace: context.namespace ?? "default",
    ...(tokenFile === undefined ? {} : { tokenFile }),
  };
}

/** What the library makes of certificates, tokens and plugins, as options of a connection. */
async function accessOf({ config, cluster, tokenFile }: Loaded): Promise<Access> {
  const user = config.getCurrentUser();
  informPlugin(config);
  // The library refuses plain HTTP unless verification is switched off; `kubectl proxy` speaks it on loopback.
  const plain = cluster.server.startsWith("http:");
  if (plain) config.clusters = config.clusters.map((each) => ({ ...each, skipTLSVerify: true }));
  const options: { headers?: { readonly [name: string]: string } } & Access["tls"] = {};
  await config.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    headers[name.toLowerCase()] = value.trim();
  }
  if (user?.username) {
    headers["authorization"] =
      `Basic ${Buffer.from(`${user.username}:${user.password ?? ""}`).toString("base64")}`;
  }
  if (tokenFile !== undefined) headers["authorization"] = `Bearer ${await readToken(tokenFile)}`;
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  const all = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized };
  return {
    headers,
    tls: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Access["tls"],
  };
}

/** Credential plugins of the large clouds refuse to run without being told the version that is spoken with them. */
function informPlugin(config: KubeConfig): void {
  const exec = config.getCurrentUser()?.exec;
  if (exec === undefined || exec === null) return;
  const info = {
    apiVersion: exec.apiVersion,
    kind: "ExecCredential",
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo === true ? { cluster: clusterInfo(config) } : {}),
    },
  };
  exec.env = [...(exec.env ?? []), { name: "KUBERNETES_EXEC_INFO", value: JSON.stringify(info) }];
}

function clusterInfo(config: KubeConfig): object {
  const cluster = config.getCurrentCluster();
  return {
    server: cluster?.server,
    "tls-server-name": cluster?.tlsServerName,
    "certificate-authority-data": cluster?.caData,
    "insecure-skip-tls-verify": cluster?.skipTLSVerify,
  };
}

async function readToken(file: string): Promise<string> {
  const token = (await readFile(file, "utf8")).trim();
  if (token === "") throw new Error(`the token file ${file} is empty`);
  return token;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

const NO_CREDENTIALS =
  "no way to a Kubernetes API server: give --kubeconfig FILE, set KUBECONFIG, run in a pod with a ServiceAccount, or have ~/.kube/config";
