import type { ApiClient } from "./api-client.ts";
import type { AuditEvent } from "./audit.ts";

/** How a run of kubectl ended. */
export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KubectlOptions {
  /** What it reads from standard input: `kubectl(["apply", "-f", "-"], { input })`. */
  readonly input?: string;
  /** Whose token it carries. Default the administrator's. */
  readonly token?: string;
}

/** A real Kubernetes API server, as its clients see it. */
export interface KubernetesAccess {
  /** `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** PEM of the authority that the server's certificate comes from. */
  readonly certificateAuthority: string;
  /** Path of a kubeconfig file of the administrator (group system:masters). */
  readonly kubeconfig: string;
  readonly adminToken: string;
  /**
   * A token of a user: one of those given when the server was started, `system:node:kubelet` (group system:nodes),
   * `developer` (no group, may do nothing until a role is bound), or `system:serviceaccount:<namespace>:<name>`,
   * whose ServiceAccount must exist.
   */
  readonly tokenFor: (user: string) => Promise<string>;
  /** Path of a kubeconfig file that carries a token; `namespace` is its default one. */
  readonly kubeconfigFor: (token: string, namespace?: string) => Promise<string>;
  /** Runs the kubectl of the server's release. Never rejects because of its exit code. */
  readonly kubectl: (args: readonly string[], options?: KubectlOptions) => Promise<KubectlResult>;
  /** One request as the administrator. Resolves with any status; rejects only when there is no answer. */
  readonly api: ApiClient["api"];
  /** The administrator's client, or another user's. */
  readonly client: (token?: string) => ApiClient;
  /**
   * What the server was asked, in order of completion: one event a request, a watch when it opened. `from` is a
   * position that `auditPosition` gave before. Empty without `audit`.
   */
  readonly auditEvents: (from?: number) => Promise<readonly AuditEvent[]>;
  /** Where the audit log ends now: `auditEvents(position)` tells only what came after. */
  readonly auditPosition: () => Promise<number>;
}

/** An API server of one's own, with its etcd and controllers, to be stopped by whoever started it. */
export interface Kubernetes extends KubernetesAccess, AsyncDisposable {
  /**
   * Ends the API server, by SIGTERM or `"SIGKILL"`, and starts it again with the same port, state and certificates.
   * Resolves once it is ready. All watches break.
   */
  readonly restartApiServer: (signal?: "SIGTERM" | "SIGKILL") => Promise<void>;
  /** Ends the API server until the returned function is called. */
  readonly stopApiServer: () => Promise<() => Promise<void>>;
  /** Freezes the API server: connections stay, nothing is answered. Resolves when the time is over and it goes on. */
  readonly stallApiServer: (seconds: number) => Promise<void>;
  /** Controllers first, then the API server, then etcd; the folder with everything is removed. */
  readonly stop: () => Promise<void>;
}
