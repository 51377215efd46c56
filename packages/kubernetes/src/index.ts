export type { KubernetesObject, Labels, Metadata, OwnerReference } from "./object.ts";
