import type { Caller } from "../snapshot/caller.ts";
import { modelDenied } from "../snapshot/model-access.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";

/** The creation time LiteLLM gives every model: 28 February 2023. */
const CREATED = 1677610602;

interface ListedModel {
  readonly id: string;
  readonly object: "model";
  readonly created: number;
  readonly owned_by: "openai";
}

/** The answer of `GET /v1/models` (litellm.md §3.2): what the caller may use. */
export function modelList(
  snapshot: Snapshot,
  caller: Caller,
): { readonly data: readonly ListedModel[]; readonly object: "list" } {
  const usable = snapshot.names.listed.filter((id) => modelDenied(caller, id, id) === undefined);
  return { data: usable.map(listed), object: "list" };
}

/** The answer of `GET /v1/models/{id}`; undefined when there is no such model, or none for this caller. */
export function modelEntry(snapshot: Snapshot, caller: Caller, id: string): ListedModel | undefined {
  const group = snapshot.names.group(id);
  if (group === undefined || modelDenied(caller, id, group.name) !== undefined) return undefined;
  return listed(id);
}

function listed(id: string): ListedModel {
  return { id, object: "model", created: CREATED, owned_by: "openai" };
}
