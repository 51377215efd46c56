import { compareOrigins, isJsonObject, type Json } from "@gatewright/plan";
import type { GatewayKey, ServedGateway, ServedModel } from "./banner.ts";
import type { Declaration } from "./declaration.ts";
import type { Member } from "./fleet.ts";

/** What the user of `up` is told about a running gateway. */
export function servedGateway({ declaration, gateway }: Member, key: GatewayKey): ServedGateway {
  return {
    title: declaration.title,
    url: gateway.url,
    key,
    models: servedModels(declaration, gateway.snapshot),
  };
}

/** Published names in the document's order, then what cannot be served. */
function servedModels(
  declaration: Declaration,
  snapshot: Member["gateway"]["snapshot"],
): readonly ServedModel[] {
  const { names, unusable } = snapshot;
  const modes = modesOf(declaration);
  const served = names.listed.map((name): ServedModel => {
    const group = names.group(name);
    const deployments = group?.deployments ?? [];
    const mock =
      deployments.length > 0 && deployments.every((one) => one.mock !== undefined && !one.mock.timeout);
    const mode = modes.get(group?.name ?? name);
    // Without a mode only the name tells embedding models from chat models.
    const chat = mode === undefined ? !/embed/i.test(name) : mode === "chat";
    return { name, mock, chat };
  });
  const listed = new Set(names.listed);
  const lost = unusable
    .filter(({ model }) => !listed.has(model))
    .map(({ model, reason }) => ({ name: model, fault: reason }));
  const left = declaration.findings
    .filter(({ effect, origin }) => effect === "blocked" && compareOrigins(origin, declaration.origin) !== 0)
    // Those of the document's own list are among the unusable already.
    .filter(({ origin }) => origin.path?.startsWith("model_list") !== true)
    .map(({ origin, text }) => ({ name: origin.path ?? origin.name, fault: text }));
  return [
    ...served,
    ...[...lost, ...left].map((model): ServedModel => ({ ...model, mock: false, chat: false })),
  ];
}

/** `model_info.mode` by model name. */
function modesOf({ document, storedModels }: Declaration): ReadonlyMap<string, string> {
  const written = document["model_list"];
  const entries: readonly Json[] = [
    ...(Array.isArray(written) ? (written as readonly Json[]) : []),
    ...storedModels,
  ];
  const modes = new Map<string, string>();
  for (const entry of entries) {
    if (!isJsonObject(entry)) continue;
    const { model_name: name, model_info: information } = entry;
    const mode = isJsonObject(information) ? information["mode"] : undefined;
    if (typeof name === "string" && typeof mode === "string") modes.set(name, mode);
  }
  return modes;
}
