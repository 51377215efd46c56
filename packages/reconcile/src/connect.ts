import process from "node:process";
import { findCredentials } from "./connect-credentials.ts";
import type { Transport } from "./transport.ts";
import { createUndiciTransport } from "./transport-undici.ts";

export interface ConnectOptions {
  /** A kubeconfig file. Unset: KUBECONFIG, else the pod's ServiceAccount, else ~/.kube/config. */
  readonly kubeconfig?: string;
  /** Like `gatewright/1.2.3`. */
  readonly userAgent: string;
  /** Deadline of a request; default 30 s. */
  readonly requestTimeoutMilliseconds?: number;
}

export interface Connection {
  readonly transport: Transport;
  /** The API server's address, for logs. */
  readonly server: string;
  /** The namespace of the context or of the pod. */
  readonly namespace: string;
}

/**
 * Finds the API server and how to be let in. No request is made yet. Tokens and certificates are read again as they
 * change, and at once when the server refuses them.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const credentials = await findCredentials({
    environment: process.env,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
  });
  const transport = createUndiciTransport({
    credentials,
    userAgent: options.userAgent,
    requestTimeoutMilliseconds: options.requestTimeoutMilliseconds ?? 30_000,
  });
  return { transport, server: credentials.server, namespace: credentials.namespace };
}
