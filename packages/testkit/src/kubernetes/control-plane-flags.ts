import { join } from "node:path";
import { defaultControllers } from "./controllers.ts";
import type { KubernetesOptions } from "./kubernetes-options.ts";

export function etcdFlags(folder: string, port: number): string[] {
  const clients = `http://127.0.0.1:${port}`;
  const peers = `http://127.0.0.1:${port + 1}`;
  return [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    // Nothing here must survive a power cut.
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

export function apiServerFlags(
  folder: string,
  etcdPort: number,
  securePort: number,
  options: KubernetesOptions,
): string[] {
  const audit = [
    `--audit-policy-file=${join(folder, "audit-policy.json")}`,
    `--audit-log-path=${join(folder, "audit.log")}`,
  ];
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${securePort}`,
    `--tls-cert-file=${join(folder, "server.crt")}`,
    `--tls-private-key-file=${join(folder, "server.key")}`,
    `--client-ca-file=${join(folder, "ca.crt")}`,
    `--token-auth-file=${join(folder, "tokens.csv")}`,
    "--authorization-mode=Node,RBAC",
    "--anonymous-auth=true",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${join(folder, "accounts.pub")}`,
    `--service-account-signing-key-file=${join(folder, "accounts.key")}`,
    // A Service for each model of each cluster: a /24 would be used up by twenty clusters.
    "--service-cluster-ip-range=10.0.0.0/16",
    "--endpoint-reconciler-type=none",
    "--enable-priority-and-fairness=false",
    "--allow-privileged=true",
    ...(options.audit === false ? [] : audit),
    ...(options.apiServerFlags ?? []),
  ];
}

export function controllerFlags(folder: string, port: number, options: KubernetesOptions): string[] {
  return [
    `--kubeconfig=${join(folder, "controllers.kubeconfig")}`,
    `--service-account-private-key-file=${join(folder, "accounts.key")}`,
    `--root-ca-file=${join(folder, "ca.crt")}`,
    "--use-service-account-credentials=true",
    "--leader-elect=false",
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, "controller-manager")}`,
    `--controllers=${(options.controllers ?? defaultControllers).join(",")}`,
    // With the defaults (20 a second) a test of 2000 Pods would measure the controllers' politeness.
    "--kube-api-qps=300",
    "--kube-api-burst=600",
    ...(options.controllerManagerFlags ?? []),
  ];
}
