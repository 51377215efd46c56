import type { Document, Finding, JsonObject, Origin, SecretLookup } from "@gatewright/litellm";

/** Where a gateway's configuration comes from. */
export interface Source {
  /** Everything the gateway is to serve, freshly read. Throws a `SourceError` when it cannot be read. */
  load(): Promise<Loaded>;
}

/** A configuration as it was read. */
export interface Loaded {
  readonly document: Document;
  /** What findings about the document as a whole point to. */
  readonly origin: Origin;
  /** SHA-256 of the delivered bytes, hexadecimal. */
  readonly digest: string;
  /** Models stored through the management API: `{model_name, litellm_params, model_info}`. */
  readonly storedModels?: readonly JsonObject[];
  readonly lookup: SecretLookup;
  /** Gateways that serve the same document and share its limits, this one included; absent: it is the only one. */
  readonly replicas?: number;
  /** Absolute paths of the files and folders it was read from; a change of one means `load` again. */
  readonly watch: readonly string[];
  /** When the reading of it began, epoch milliseconds; absent: when `load` was called. */
  readonly readAt?: number;
  /** What was lost on the way to the document. */
  readonly findings: readonly Finding[];
  /** Protective settings the user accepts to go without. */
  readonly allowUnsupported?: readonly string[];
}

/** A configuration that cannot be served. */
export class SourceError extends Error {
  /** One line each: where, what, why, what to do. */
  readonly problems: readonly string[];
  /** Files and folders to watch for the repair. */
  readonly watch: readonly string[];

  constructor(problems: readonly string[], watch: readonly string[] = []) {
    super(problems.join("\n"));
    this.name = "SourceError";
    this.problems = problems;
    this.watch = watch;
  }
}
