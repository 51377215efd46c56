import type { Document, Settings } from "@gatewright/litellm";

type Entry = NonNullable<Settings["model_list"]>[number];

/** `litellm_params`, references resolved, credential and router defaults merged in. */
export type ModelParameters = Entry["litellm_params"];

/** One entry of the model list, read. */
export interface ModelEntry {
  readonly modelName: string;
  readonly id: string | undefined;
  readonly parameters: ModelParameters;
  /** The entry as written, references unresolved: what an id may be made from. */
  readonly raw: unknown;
  /** Name of the variable its key is to come from, when that is not set. */
  readonly missingKey: string | undefined;
  readonly share: {
    readonly weight: number | undefined;
    readonly requestsPerMinute: number | undefined;
    readonly tokensPerMinute: number | undefined;
    readonly order: number | undefined;
  };
}

/**
 * The model list with what it refers to filled in: `litellm_credential_name` from `credential_list`, then
 * `router_settings.default_litellm_params`; the entry's own values win. `missing` maps paths to unset variables.
 */
export function modelEntries(
  settings: Settings,
  document: Document,
  missing: ReadonlyMap<string, string>,
): readonly ModelEntry[] {
  const written = document["model_list"];
  const defaults = settings.router_settings?.default_litellm_params ?? {};
  return (settings.model_list ?? []).map((entry, index) => {
    const own = entry.litellm_params;
    const credentials = settings.credential_list ?? [];
    const place = credentials.findIndex((one) => one.credential_name === own.litellm_credential_name);
    const credential = credentials[place]?.credential_values ?? {};
    return {
      modelName: entry.model_name,
      id: entry.model_info?.id,
      parameters: { ...defaults, ...credential, ...own },
      raw: Array.isArray(written) ? written[index] : undefined,
      missingKey:
        missing.get(`model_list[${index}].litellm_params.api_key`) ??
        (own.api_key === undefined && place >= 0
          ? missing.get(`credential_list[${place}].credential_values.api_key`)
          : undefined),
      share: {
        weight: own.weight,
        requestsPerMinute: own.rpm ?? entry.rpm,
        tokensPerMinute: own.tpm ?? entry.tpm,
        order: own.order,
      },
    };
  });
}
