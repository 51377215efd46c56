import { readFile } from "node:fs/promises";
import type { Access } from "./connect-credentials.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { readToken } from "./token-file.ts";

/**
 * The headers and certificates that a kubeconfig says, its files read anew. A program that gives credentials is run,
 * which takes the Kubernetes client library.
 */
export async function accessOf(kubeconfig: Kubeconfig): Promise<Access> {
  const { cluster, user } = kubeconfig;
  const authorization = await authorizationOf(kubeconfig);
  const tls = {
    ca: await bytesOf(cluster, "certificate-authority"),
    cert: await bytesOf(user, "client-certificate"),
    key: await bytesOf(user, "client-key"),
    servername: cluster["tls-server-name"],
    rejectUnauthorized: cluster["insecure-skip-tls-verify"] === true ? false : undefined,
  };
  const said: Access = {
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(user.as === undefined ? {} : { "impersonate-user": user.as }),
    },
    tls: Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)) as Access["tls"],
  };
  if (!user.exec && !user["auth-provider"]) return said;
  const { pluginAccess } = await import("./kubeconfig-plugin.ts");
  const given = await pluginAccess(kubeconfig);
  // As for kubectl: a token in the file is used even then.
  return { headers: { ...given.headers, ...said.headers }, tls: { ...said.tls, ...given.tls } };
}

async function authorizationOf({ user }: Kubeconfig): Promise<string | undefined> {
  if (user.tokenFile !== undefined) return `Bearer ${await readToken(user.tokenFile)}`;
  if (user.token) return `Bearer ${user.token}`;
  if (!user.username) return undefined;
  return `Basic ${Buffer.from(`${user.username}:${user.password ?? ""}`).toString("base64")}`;
}

/** What stands in the file itself, in base64, counts before another file that it names; as for kubectl. */
async function bytesOf<Name extends string>(
  from: { readonly [N in Name | `${Name}-data`]?: string },
  name: Name,
): Promise<Buffer | undefined> {
  const [data, file] = [from[`${name}-data`], from[name]];
  if (data) return Buffer.from(data, "base64");
  return file ? readFile(file) : undefined;
}
