import { type Document, type Settings, withCredentials } from "@gatewright/litellm";

type Entry = NonNullable<Settings["model_list"]>[number];

/** `litellm_params`, references resolved, credential and router defaults merged in. */
export type ModelParameters = Entry["litellm_params"];

/** `model_info`. */
export type ModelInformation = NonNullable<Entry["model_info"]>;

/** One entry of the model list, read. */
export interface ModelEntry {
  readonly modelName: string;
  readonly id: string | undefined;
  readonly parameters: ModelParameters;
  readonly information: ModelInformation | undefined;
  /** The entry as written, references unresolved: what an id may be made from. */
  readonly raw: unknown;
  /** Why the entry cannot be served whatever its address says. */
  readonly flaw: string | undefined;
  /** The variable its key was to come from, when that is not set. */
  readonly missingKey: string | undefined;
  readonly share: {
    readonly weight: number | undefined;
    readonly requestsPerMinute: number | undefined;
    readonly tokensPerMinute: number | undefined;
    readonly order: number | undefined;
  };
}

/**
 * The model list with what it refers to filled in: the shared credential it names, then
 * `router_settings.default_litellm_params` for what is still missing. `missing` maps paths to unset
 * variables, `flaws` paths such as `model_list[2]` to why the native engine does not serve them.
 */
export function modelEntries(
  settings: Settings,
  document: Document,
  missing: ReadonlyMap<string, string>,
  flaws: ReadonlyMap<string | undefined, string>,
): readonly ModelEntry[] {
  const written = document["model_list"];
  const filled = withCredentials(settings);
  const unknown = new Map(filled.unknown.map(({ path, name }) => [path, name]));
  const defaults = settings.router_settings?.default_litellm_params ?? {};
  return (filled.settings.model_list ?? []).map((entry, index) => {
    const parameters = { ...defaults, ...entry.litellm_params };
    const path = `model_list[${index}].litellm_params`;
    const credential = unknown.get(`${path}.litellm_credential_name`);
    const unset = (name: "api_key" | "api_base"): string | undefined =>
      parameters[name] === undefined ? unsetVariable(settings, path, parameters, name, missing) : undefined;
    const address = unset("api_base");
    return {
      modelName: entry.model_name,
      id: entry.model_info?.id,
      parameters,
      information: entry.model_info,
      raw: Array.isArray(written) ? written[index] : undefined,
      flaw:
        flaws.get(`model_list[${index}]`) ??
        (credential && `its credential ${JSON.stringify(credential)} is not in credential_list`) ??
        // Without its own address it would go to the provider's, with a key that is not meant for that.
        (address && `its api_base os.environ/${address} is not set`),
      missingKey: unset("api_key"),
      share: {
        weight: parameters.weight,
        requestsPerMinute: parameters.rpm ?? entry.rpm,
        tokensPerMinute: parameters.tpm ?? entry.tpm,
        order: parameters.order,
      },
    };
  });
}

/** The variable a parameter was to come from, the entry's own or its credential's, when that is not set. */
function unsetVariable(
  settings: Settings,
  path: string,
  { litellm_credential_name: credential }: ModelParameters,
  name: string,
  missing: ReadonlyMap<string, string>,
): string | undefined {
  const place = (settings.credential_list ?? []).findIndex((one) => one.credential_name === credential);
  return missing.get(`${path}.${name}`) ?? missing.get(`credential_list[${place}].credential_values.${name}`);
}
