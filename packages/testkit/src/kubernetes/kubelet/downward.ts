import type { Container, FieldReference, Pod, ResourceReference } from "./pod.ts";

/** What the downward API tells of a Pod that its object does not have (yet). */
export interface PodPlace {
  readonly address: string;
  readonly hostAddress: string;
}

/** The value of a field of the Pod. @throws for a field that the downward API does not give. */
export function fieldValue(pod: Pod, { fieldPath }: FieldReference, place: PodPlace): string {
  const { metadata, spec } = pod;
  const [, map, key] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath) ?? [];
  if (map !== undefined && key !== undefined) return metadata[map as "labels" | "annotations"]?.[key] ?? "";
  switch (fieldPath) {
    case "metadata.name":
      return metadata.name;
    case "metadata.namespace":
      return metadata.namespace;
    case "metadata.uid":
      return metadata.uid;
    case "metadata.labels":
      return pairs(metadata.labels);
    case "metadata.annotations":
      return pairs(metadata.annotations);
    case "spec.nodeName":
      return spec.nodeName ?? "";
    case "spec.serviceAccountName":
      return spec.serviceAccountName ?? "default";
    case "status.podIP":
    case "status.podIPs":
      return place.address;
    case "status.hostIP":
    case "status.hostIPs":
      return place.hostAddress;
    default:
      throw new Error(`the downward API has no field ${fieldPath}`);
  }
}

function pairs(map: { readonly [name: string]: string } | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");
}

/** A limit or request of a container, in units of the divisor, rounded up. Without one: what the Node has. */
export function resourceValue(
  containers: readonly Container[],
  reference: ResourceReference,
  own?: string,
): string {
  const container = containers.find(({ name }) => name === (reference.containerName ?? own));
  const [, group = "", resource = ""] = /^(limits|requests)\.(.+)$/.exec(reference.resource) ?? [];
  const given = container?.resources?.[group as "limits" | "requests"]?.[resource];
  const divisor = Number(reference.divisor) === 0 ? "1" : (reference.divisor ?? "1");
  const amount = quantity(given ?? nodeAllocatable[resource] ?? "0");
  return String(Math.ceil(amount / quantity(divisor)));
}

/** What the Node says it has: enough for everything. */
export const nodeAllocatable: { readonly [resource: string]: string } = {
  cpu: "64",
  memory: "256Gi",
  "ephemeral-storage": "1Ti",
  pods: "10000",
};

const scales: { readonly [suffix: string]: number } = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

function quantity(text: string | number): number {
  const [, number = "", suffix = ""] = /^([\d.]+(?:e\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(String(text)) ?? [];
  return Number(number) * (scales[suffix] ?? 1);
}
