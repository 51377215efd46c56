import type { SecretReference } from "./credential.ts";
import type { JsonObject } from "./json.ts";

/** Keys to the gateway itself. */
export interface Key {
  /** Key of the administrator. Absent: the gateway is open, unless another way to authenticate is configured. */
  readonly master?: SecretReference;
  /** The key is to be generated and kept when its Secret does not exist. */
  readonly generateMaster?: boolean;
  readonly salt?: SecretReference;
  readonly generateSalt?: boolean;
  readonly masterRequired?: boolean;
  /** Dotted path of a function (`custom_key_generate`). */
  readonly customGenerate?: string;
  /** Who may create keys, names as LiteLLM writes them (`key_generation_settings`). */
  readonly generation?: JsonObject;
}
