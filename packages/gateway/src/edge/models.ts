import type { Snapshot } from "../snapshot/snapshot.ts";

/** The creation time LiteLLM gives every model: 28 February 2023. */
const CREATED = 1677610602;

interface ListedModel {
  readonly id: string;
  readonly object: "model";
  readonly created: number;
  readonly owned_by: "openai";
}

/** The answer of `GET /v1/models` (litellm.md §3.2). */
export function modelList(snapshot: Snapshot): {
  readonly data: readonly ListedModel[];
  readonly object: "list";
} {
  return { data: snapshot.names.listed.map(listed), object: "list" };
}

/** The answer of `GET /v1/models/{id}`; undefined when no such model can be used. */
export function modelEntry(snapshot: Snapshot, id: string): ListedModel | undefined {
  return snapshot.names.group(id) === undefined ? undefined : listed(id);
}

function listed(id: string): ListedModel {
  return { id, object: "model", created: CREATED, owned_by: "openai" };
}
