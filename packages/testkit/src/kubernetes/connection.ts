import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { auditLogSize, readAuditLog } from "./audit.ts";
import type { KubectlResult, KubernetesAccess } from "./kubernetes.ts";

/** All that a process must know of a running server to use it: plain JSON. */
export interface KubernetesConnection {
  readonly url: string;
  readonly certificateAuthority: string;
  /** Static tokens by user. */
  readonly tokens: { readonly [user: string]: string };
  readonly kubectl: string;
  /** For kubeconfig files and kubectl's cache. */
  readonly folder: string;
  readonly auditLog: string;
}

/** The administrator's name. */
export const ADMINISTRATOR = "admin";

/** Connects to a running server. `close` ends the connections, not the server. */
export async function connectKubernetes(
  connection: KubernetesConnection,
): Promise<KubernetesAccess & { close(): Promise<void> }> {
  const { url, certificateAuthority, tokens, folder } = connection;
  const adminToken = tokens[ADMINISTRATOR];
  if (adminToken === undefined) throw new Error(`the connection has no token of ${ADMINISTRATOR}`);
  const clients = new Map<string, ApiClient>();
  const client = (token = adminToken): ApiClient => {
    const known = clients.get(token) ?? createApiClient(url, certificateAuthority, token);
    clients.set(token, known);
    return known;
  };

  const kubeconfigs = new Map<string, Promise<string>>();
  // Each is written once: a kubectl that meets a file which is just being written asks localhost:8080.
  const kubeconfigFor = (token: string, namespace = "default"): Promise<string> => {
    const name = createHash("sha256").update(`${token} ${namespace}`).digest("hex").slice(0, 16);
    const known = kubeconfigs.get(name);
    if (known !== undefined) return known;
    const path = join(folder, "kubeconfigs", `${name}.json`);
    const written = mkdir(join(folder, "kubeconfigs"), { recursive: true })
      .then(() => writeFile(path, kubeconfigText(connection, token, namespace), { mode: 0o600 }))
      .then(() => path);
    kubeconfigs.set(name, written);
    return written;
  };

  const tokenFor = async (user: string): Promise<string> => {
    const fixed = tokens[user];
    if (fixed !== undefined) return fixed;
    const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
    if (namespace === undefined || name === undefined) {
      throw new Error(`no token of ${user}: give it to startKubernetes({ users }), or name a ServiceAccount`);
    }
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const { status, body } = await client().api("POST", path, { spec: { expirationSeconds: 86_400 } });
    if (status !== 201) throw new Error(`no token of ${user}: ${status} ${body.message ?? body}`);
    return body.status.token;
  };

  return {
    url,
    certificateAuthority,
    adminToken,
    kubeconfig: await kubeconfigFor(adminToken),
    tokenFor,
    kubeconfigFor,
    client,
    api: (...request) => client().api(...request),
    async kubectl(args, options = {}) {
      const kubeconfig = await kubeconfigFor(options.token ?? adminToken);
      return runKubectl(connection, ["--kubeconfig", kubeconfig, ...args], options.input);
    },
    auditEvents: (from) => readAuditLog(connection.auditLog, from),
    auditPosition: () => auditLogSize(connection.auditLog),
    async close() {
      await Promise.all([...clients.values()].map((each) => each.close()));
    },
  };
}

/** A kubeconfig file, in JSON, which is YAML too. */
export function kubeconfigText(
  { url, certificateAuthority }: Pick<KubernetesConnection, "url" | "certificateAuthority">,
  token: string,
  namespace = "default",
): string {
  const name = "tests";
  const authority = Buffer.from(certificateAuthority).toString("base64");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: url, "certificate-authority-data": authority } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    "current-context": name,
  });
}

function runKubectl(
  { kubectl, folder }: KubernetesConnection,
  args: readonly string[],
  input: string | undefined,
): Promise<KubectlResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(kubectl, args, {
      env: { PATH: process.env["PATH"], HOME: folder, KUBECACHEDIR: join(folder, "kubectl-cache") },
    });
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        output[stream] += text;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, ...output }));
    // A kubectl that ends before it has read its input (a wrong flag) must not end the test run.
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
  });
}
