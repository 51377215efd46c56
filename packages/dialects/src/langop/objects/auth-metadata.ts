import { type Metadata, metadata, ownedBy } from "@gatewright/kubernetes";
import type { Resource } from "../../resource.ts";
import { authSelector, owned } from "./label.ts";

/** Metadata of the objects that sign-in takes, in the namespace of the cluster. */
export function authMetadata(
  cluster: Resource,
  name: string,
  annotations?: { readonly [key: string]: string },
): Metadata {
  const namespace = cluster.metadata.name;
  const labels = owned(authSelector(namespace));
  return metadata({ name, namespace, labels, annotations, ownerReferences: ownedBy(cluster) });
}
