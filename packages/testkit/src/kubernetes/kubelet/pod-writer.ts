import type { ApiClient } from "../api-client.ts";
import { persist } from "./pause.ts";
import type { Pod } from "./pod.ts";

/** Writes what the kubelet has to say of Pods, until the server has it or the Pod is no more. */
export interface PodWriter {
  bind(pod: Pod, nodeName: string): Promise<void>;
  writeStatus(pod: Pod, status: object): Promise<void>;
  /** The last word on a Pod that was being deleted. */
  remove(pod: Pod): Promise<void>;
}

/** How many requests may be under way: enough for thousands of Pods, and kind to two cores. */
const WIDTH = 16;

export function createPodWriter({ api }: Pick<ApiClient, "api">, signal: AbortSignal): PodWriter {
  let free = WIDTH;
  const waiting: (() => void)[] = [];
  const send = async (method: string, path: string, body: unknown, type?: string): Promise<void> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free--;
    try {
      await persist(async () => {
        const answer = await api(method, path, body, type);
        // What the server understood and refused stays refused: the Pod is gone, another one's, or bound already.
        if (answer.status >= 500 || answer.status === 429)
          throw new Error(`${method} ${path}: ${answer.status}`);
      }, signal);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
  const path = ({ metadata }: Pod): string =>
    `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
  return {
    bind(pod, name) {
      const { uid } = pod.metadata;
      return send("POST", `${path(pod)}/binding`, {
        metadata: { name: pod.metadata.name, uid },
        target: { apiVersion: "v1", kind: "Node", name },
      });
    },
    writeStatus(pod, status) {
      // The uid keeps this status off a new Pod of the same name, as a StatefulSet makes. Strategic: conditions of
      // other types stay.
      const patch = { metadata: { uid: pod.metadata.uid }, status };
      return send("PATCH", `${path(pod)}/status`, patch, "application/strategic-merge-patch+json");
    },
    remove: (pod) =>
      send("DELETE", path(pod), { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } }),
  };
}
