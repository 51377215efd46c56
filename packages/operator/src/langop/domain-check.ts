import type { Resource } from "@gatewright/dialects";
import type { Condition } from "@gatewright/reconcile";
import type { LangopContext } from "./context.ts";

/** What is known about the wildcard record of a domain. */
export interface DomainCheckResult {
  readonly host: string;
  readonly resolved: boolean;
}

/**
 * Whether names below the domain of a cluster resolve (langop.md §3.1): looked up once for each generation, beside the
 * reconcile and never in its way. `wake` is called when the answer is there.
 */
export interface DomainCheck {
  result(
    cluster: Resource,
    conditions: readonly Condition[],
    wake: () => void,
  ): DomainCheckResult | undefined;
  forget(name: string): void;
}

export function createDomainCheck({
  resolver,
  validateDomains,
}: Pick<LangopContext, "resolver" | "validateDomains">): DomainCheck {
  const asked = new Map<string, { readonly generation: number; result?: DomainCheckResult }>();
  return {
    result(cluster, conditions, wake) {
      const { name, generation = 0 } = cluster.metadata;
      const domain = cluster.spec?.["domain"];
      if (!validateDomains || typeof domain !== "string" || domain === "") return undefined;
      const host = `test-validation.${domain}`;
      const last = asked.get(name);
      if (last?.generation === generation) return last.result;
      const said = conditions.find((condition) => condition.type === "DNSConfigured");
      if (said?.observedGeneration === generation) {
        const result = { host, resolved: said.status === "True" };
        asked.set(name, { generation, result });
        return result;
      }
      const entry: { readonly generation: number; result?: DomainCheckResult } = { generation };
      asked.set(name, entry);
      void resolver.exists(host).then((resolved) => {
        entry.result = { host, resolved };
        wake();
      });
      return undefined;
    },
    forget: (name) => void asked.delete(name),
  };
}
