import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ApiClient } from "../api-client.ts";
import type { Pod } from "./pod.ts";
import { MissingReference } from "./references.ts";

/** PersistentVolumeClaims: each has a folder, which lives as long as the kubelet does and is not kept to any size. */
export interface Claims {
  /**
   * Binds what a Pod claims: volumes are made when their first Pod is scheduled, as by a StorageClass that waits for it.
   * @throws MissingReference when there is no such claim (yet).
   */
  bind(pod: Pod): Promise<void>;
  /** Where the files of a claim are. A claim that is made anew under its old name begins empty. @throws MissingReference */
  folder(namespace: string, name: string): Promise<string>;
}

export function createClaims({ api }: Pick<ApiClient, "api">, folder: string): Claims {
  const bound = async (namespace: string, name: string): Promise<{ readonly uid: string }> => {
    const path = `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`;
    const { status, body } = await api("GET", path);
    if (status === 404) throw new MissingReference(`persistentvolumeclaim "${name}" not found`);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${body.message ?? body}`);
    const { metadata, spec } = body;
    if (body.status?.phase !== "Bound") {
      // No PersistentVolume stands behind it: nobody here looks for one.
      const next = { phase: "Bound", accessModes: spec.accessModes, capacity: spec.resources?.requests };
      const answer = await api("PATCH", `${path}/status`, { metadata: { uid: metadata.uid }, status: next });
      if (answer.status !== 200)
        throw new Error(`PATCH ${path}: ${answer.status} ${answer.body.message ?? answer.body}`);
    }
    return metadata;
  };
  return {
    async bind({ metadata, spec }) {
      for (const { persistentVolumeClaim: claim } of spec.volumes ?? []) {
        if (claim !== undefined) await bound(metadata.namespace, claim.claimName);
      }
    },
    async folder(namespace, name) {
      const path = join(folder, (await bound(namespace, name)).uid);
      await mkdir(path, { recursive: true });
      return path;
    },
  };
}
