import { type Loaded, SourceError } from "@gatewright/gateway";
import { type Declaration, refusals } from "./declaration.ts";
import type { SecretSource } from "./secret-lookup.ts";

/**
 * A declaration as a gateway loads it; `replicas` gateways load the same. Throws a `SourceError` when it must not be
 * served.
 */
export function loaded(
  declaration: Declaration,
  secrets: SecretSource,
  watch: readonly string[] = [],
  replicas = 1,
): Loaded {
  const watched = [...watch, ...secrets.watch];
  const refused = refusals(declaration);
  if (refused.length > 0)
    throw new SourceError(
      refused.map(({ text }) => text),
      watched,
    );
  return {
    document: declaration.document,
    origin: declaration.origin,
    digest: declaration.digest,
    storedModels: declaration.storedModels,
    lookup: secrets.lookup,
    replicas,
    watch: watched,
    findings: declaration.findings,
    allowUnsupported: declaration.allowUnsupported,
  };
}
