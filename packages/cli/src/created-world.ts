import { createHash } from "node:crypto";
import type { Resource, World } from "@gatewright/dialects";

/**
 * A world of manifests as if an API server had created its resources: each has a UID, the same every time, where its
 * manifest gives none. Agents are told apart by them.
 */
export function createdWorld(world: World): World {
  return { ...world, resources: world.resources.map(created) };
}

function created(resource: Resource): Resource {
  const { apiVersion, kind, metadata } = resource;
  if ((metadata.uid ?? "") !== "") return resource;
  const { namespace = "", name } = metadata;
  return { ...resource, metadata: { ...metadata, uid: uidOf(`${apiVersion} ${kind} ${namespace}/${name}`) } };
}

/** A UUID of version 8 (RFC 9562), which is for those who make theirs otherwise than by chance and by time. */
function uidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(hex.charAt(16), 16) % 4) + 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
