import type { KubernetesObject, Metadata } from "./object.ts";

/** A claim on a volume. Class and access mode cannot change afterwards, and the size can only grow. */
export function persistentVolumeClaim(
  metadata: Metadata,
  of: {
    readonly accessMode: "ReadWriteOnce" | "ReadWriteMany";
    readonly size: string;
    /** Absent: the cluster's default class. */
    readonly storageClassName?: string | undefined;
  },
): KubernetesObject {
  const { accessMode, size, storageClassName } = of;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata,
    spec: {
      accessModes: [accessMode],
      ...(storageClassName === undefined ? {} : { storageClassName }),
      resources: { requests: { storage: size } },
    },
  };
}
