import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import { readKubeconfig } from "./kubeconfig.ts";
import { accessOf } from "./kubeconfig-access.ts";
import { readToken } from "./token-file.ts";

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

/** The pod's own ServiceAccount: the kubelet replaces its token about every 48 minutes, and the CA when it is rotated. */
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
  const { cluster, namespace } = await readKubeconfig(files);
  const proxy = cluster["proxy-url"];
  if (proxy?.startsWith("socks")) {
    throw new Error(`${files.join(":")}: proxy-url ${proxy}: only HTTP proxies are supported`);
  }
  return {
    server: cluster.server.replace(/\/$/, ""),
    namespace,
    ...(proxy === undefined ? {} : { proxy }),
    // Read anew each time: programs and people rewrite these files, and a refused token of a plugin is not kept.
    read: async () => accessOf(await readKubeconfig(files)),
  };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

const NO_CREDENTIALS =
  "no way to a Kubernetes API server: give --kubeconfig FILE, set KUBECONFIG, run in a pod with a ServiceAccount, or have ~/.kube/config";
