import { errorOf } from "./api-error.ts";
import type { ResourceType } from "./resource-type.ts";
import type { Transport } from "./transport.ts";

/**
 * Whether the API server has this kind at this moment. A CRD that is registered but not yet established counts as
 * absent. Throws ApiError when the server cannot say: a kind must never be taken for absent because of a failure.
 */
export async function served(transport: Transport, type: ResourceType): Promise<boolean> {
  const path = type.group === "" ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const request = { method: "GET", path } as const;
  const response = await transport.request(request);
  if (response.status === 404) return false;
  if (response.status !== 200) throw errorOf(request, response);
  const { resources = [] } = response.body as { resources?: readonly { name: string; kind: string }[] };
  return resources.some(({ name, kind }) => name === type.plural && kind === type.kind);
}
