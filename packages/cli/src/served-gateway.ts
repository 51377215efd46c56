import { compareOrigins, isJsonObject, type Json, type Origin, originText } from "@gatewright/plan";
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
  { names, unusable }: Member["gateway"]["snapshot"],
): readonly ServedModel[] {
  const modes = modesOf(declaration);
  const served = names.listed.map((name): ServedModel => {
    const group = names.group(name);
    const deployments = group?.deployments ?? [];
    if (deployments.length === 0) return lost(name, group?.unusable ?? []);
    const mode = modes.get(group?.name ?? name);
    return {
      name,
      mock: deployments.every((one) => one.mock !== undefined && !one.mock.timeout),
      // Without a mode only the name tells embedding models from chat models.
      chat: mode === undefined ? !/embed/i.test(name) : mode === "chat",
    };
  });
  const left = [...new Set(unusable.map(({ model }) => model))]
    .filter((name) => !names.listed.includes(name))
    .map((name) =>
      lost(
        name,
        unusable.filter(({ model }) => model === name).map(({ reason }) => reason),
      ),
    );
  return [...served, ...left, ...excluded(declaration)];
}

/** Findings about deployments that are in the document, and not served. */
const deploymentCodes: ReadonlySet<string> = new Set([
  "DeploymentRefused",
  "ProviderNotServed",
  "ProviderUnknown",
]);

/** What never reached the document. */
function excluded({ findings, origin: gateway }: Declaration): readonly ServedModel[] {
  return (
    findings
      .filter(({ effect, origin }) => effect === "blocked" && compareOrigins(origin, gateway) !== 0)
      // Those that are in the document are among the unusable already.
      .filter(({ code }) => !deploymentCodes.has(code))
      .map(({ origin, text }) =>
        lost(sameResource(origin, gateway) ? (origin.path ?? origin.name) : origin.name, [text]),
      )
  );
}

function lost(name: string, reasons: readonly string[]): ServedModel {
  return { name, mock: false, chat: false, fault: [...new Set(reasons)].join("; ") };
}

function sameResource(a: Origin, b: Origin): boolean {
  const [one, other] = [a, b].map(({ path: _, ...resource }) => originText(resource));
  return one === other;
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
