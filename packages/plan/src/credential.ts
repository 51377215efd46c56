import type { JsonObject } from "./json.ts";
import type { Origin } from "./origin.ts";

/** A key of a Kubernetes Secret. */
export interface SecretKey {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/**
 * A secret by reference: the plan never holds a value.
 * Documents write it as `os.environ/<variable>`; who runs the gateway sees to it that the name can be looked up.
 */
export interface SecretReference {
  /** The name the gateway looks up in its environment, then in its secrets folder. */
  readonly variable: string;
  /** Where the value comes from; absent when only the environment can give it. */
  readonly secret?: SecretKey;
  /** A further environment variable to try when the name cannot be found (langop: the Secret's name in capitals). */
  readonly fallbackVariable?: string;
}

/** A named set of connection values that models share (`credential_list[]`). */
export interface Credential {
  readonly origin: Origin;
  readonly name: string;
  readonly apiKey: SecretReference;
  readonly endpoint?: string;
  readonly apiVersion?: string;
  /** Further values, verbatim; reserved names are never among them. */
  readonly parameters?: JsonObject;
  readonly description?: string;
}
