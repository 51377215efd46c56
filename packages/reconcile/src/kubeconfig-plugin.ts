/*
 * In a file of its own, loaded only where a program gives the credentials. The class is imported by name, so that the
 * bundle holds what is used of the library (2 MB) and not all of it (16 MB).
 */
import { KubeConfig } from "@kubernetes/client-node";
import type { Access } from "./connect-credentials.ts";
import type { Kubeconfig, KubeconfigCluster, KubeconfigExec, KubeconfigUser } from "./kubeconfig.ts";

/** The headers and certificates that the user's program, or the older `auth-provider`, gives. */
export async function pluginAccess({ cluster, user }: Kubeconfig): Promise<Access> {
  const config = new KubeConfig();
  config.loadFromString(
    JSON.stringify({
      // The library refuses plain HTTP unless verification is switched off; `kubectl proxy` speaks it on loopback.
      clusters: [{ name: "it", cluster: { ...cluster, "insecure-skip-tls-verify": true } }],
      users: [{ name: "it", user: { ...user, exec: informed(user.exec, cluster) } }],
      contexts: [{ name: "it", context: { cluster: "it", user: "it" } }],
      "current-context": "it",
    }),
  );
  const options: { headers?: { readonly [name: string]: string } } & Access["tls"] = {};
  await config.applyToHTTPSOptions(options);
  const headers = Object.entries(options.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    value.trim(),
  ]);
  const { cert, key } = options;
  return {
    headers: Object.fromEntries(headers),
    tls: { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) },
  };
}

/** Credential plugins of the large clouds refuse to run without being told the version that is spoken with them. */
function informed(exec: KubeconfigUser["exec"], cluster: KubeconfigCluster): KubeconfigExec | null {
  if (exec === null || exec === undefined) return null;
  const info = {
    apiVersion: exec.apiVersion,
    kind: "ExecCredential",
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo === true ? { cluster: clusterInfo(cluster) } : {}),
    },
  };
  return {
    ...exec,
    env: [...(exec.env ?? []), { name: "KUBERNETES_EXEC_INFO", value: JSON.stringify(info) }],
  };
}

function clusterInfo(cluster: KubeconfigCluster): object {
  return {
    server: cluster.server,
    "tls-server-name": cluster["tls-server-name"],
    "certificate-authority-data": cluster["certificate-authority-data"],
    "insecure-skip-tls-verify": cluster["insecure-skip-tls-verify"],
  };
}
