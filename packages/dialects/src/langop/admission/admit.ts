import type { Resource } from "../../resource.ts";

/** What a review may look at beyond the object itself: what is known at this moment, without asking anybody. */
export interface AdmissionWorld {
  /** Whether there is a LanguageCluster of this name; `unknown` when that could not be found out. */
  clusterExists(name: string): boolean | "unknown";
  /** LanguageModels of a namespace, as far as they are known. */
  models(namespace: string): readonly Resource[];
}

/** Answer to a review. */
export interface AdmissionAnswer {
  readonly allowed: boolean;
  /** Why it is refused: each names the field and what to do; empty when allowed. */
  readonly reasons: readonly string[];
  /** Shown to whoever applies the object, refused or not; at most ten, each at most 256 characters. */
  readonly warnings: readonly string[];
}

/** The kinds that are reviewed. */
export type ReviewedKind = "LanguageCluster" | "LanguageModel";

/** Reviews an object that is created, or updated from `old` (langop.md §1.1, §1.2; decisions). */
export declare function admit(
  kind: ReviewedKind,
  object: Resource,
  old: Resource | undefined,
  world: AdmissionWorld,
): AdmissionAnswer;
