import type { ApiClient } from "../api-client.ts";
import { nodeAllocatable } from "./downward.ts";

/** The Node's own address: a label like the Pods', of another network than theirs. */
export const NODE_ADDRESS = "10.243.0.1";

/** Makes the Node, ready and open to Pods. @throws when the server refuses it. */
export async function registerNode({ api }: Pick<ApiClient, "api">, name: string): Promise<void> {
  const labels = {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
  };
  await expectStatus(api("POST", "/api/v1/nodes", { metadata: { name, labels } }), [201, 409]);
  const path = `/api/v1/nodes/${name}`;
  // The server gives every new Node a taint that a controller takes away, which does not run here.
  await expectStatus(api("PATCH", path, { spec: { taints: null } }), [200]);
  const at = `${new Date().toISOString().slice(0, 19)}Z`;
  const times = { lastHeartbeatTime: at, lastTransitionTime: at };
  const status = {
    addresses: [
      { type: "InternalIP", address: NODE_ADDRESS },
      { type: "Hostname", address: name },
    ],
    capacity: nodeAllocatable,
    allocatable: nodeAllocatable,
    conditions: [
      {
        type: "Ready",
        status: "True",
        reason: "KubeletReady",
        message: "processes can be started",
        ...times,
      },
    ],
  };
  await expectStatus(api("PATCH", `${path}/status`, { status }), [200]);
}

/** Removes it; a server that is gone already is no trouble. */
export async function deleteNode({ api }: Pick<ApiClient, "api">, name: string): Promise<void> {
  await api("DELETE", `/api/v1/nodes/${name}`).catch(() => {});
}

async function expectStatus(
  answer: ReturnType<ApiClient["api"]>,
  statuses: readonly number[],
): Promise<void> {
  const { status, body } = await answer;
  if (!statuses.includes(status)) throw new Error(`the Node: ${status} ${body.message ?? body}`);
}
