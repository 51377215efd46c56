import { type Operation, providerNamed } from "@gatewright/providers";
import { type ClientApi, clientApis } from "./client.ts";
import { type ProviderSetup, providerSetups } from "./provider-setup.ts";

/** How one client API is served by one wire. */
export interface GridCell {
  readonly api: ClientApi;
  readonly setup: ProviderSetup;
  /** `passed`, `translated`, or why not. */
  readonly service: "passed" | "translated" | { readonly refused: string };
}

/** A provider for each wire: the first of it. */
export const gridSetups: readonly ProviderSetup[] = [
  ...new Map(providerSetups.toReversed().map((setup) => [setup.wire, setup])).values(),
].toReversed();

/** Every client API with every wire. */
export const gridCells: readonly GridCell[] = clientApis.flatMap((api) =>
  gridSetups.map((setup) => ({ api, setup, service: serviceOf(api, setup) })),
);

/** The model that a cell is asked with. */
export function modelOf({ api, setup }: Pick<GridCell, "api" | "setup">): string {
  return api === "embedding" ? (setup.embedding ?? setup.model) : setup.model;
}

function serviceOf(api: Operation, setup: ProviderSetup): GridCell["service"] {
  const model = modelOf({ api: api as ClientApi, setup });
  const slash = model.indexOf("/");
  const provider = providerNamed(model.slice(0, slash));
  if (provider === undefined) throw new Error(`there is no provider for ${model}`);
  return provider.service(api, model.slice(slash + 1));
}
