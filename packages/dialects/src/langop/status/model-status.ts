import type { Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import type {
  GatewayAccess,
  ObservedDeployment,
  ServedConfiguration,
  StatusIntent,
  StepResult,
} from "./intent.ts";

/** Facts the status of a LanguageModel is made of. */
export interface ModelStatusInput {
  readonly model: Resource;
  /** Findings of its gateway; those about other resources are left aside. */
  readonly findings: readonly Finding[];
  /**
   * Who serves it: the gateway of its namespace's LanguageCluster, one of its own, or nobody yet, because a
   * LanguageCluster may still be on its way.
   */
  readonly gateway:
    | { readonly kind: "shared" }
    | { readonly kind: "waiting" }
    | {
        readonly kind: "standalone";
        readonly steps: readonly StepResult[];
        readonly deployment?: ObservedDeployment;
        readonly served?: ServedConfiguration;
        readonly access: GatewayAccess;
      };
}

/** Status of a LanguageModel (langop.md §1.2). */
export declare function modelStatus(input: ModelStatusInput): StatusIntent;
