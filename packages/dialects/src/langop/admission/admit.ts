import { canonicalText, type Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import { shortened } from "../status/degraded.ts";
import { clusterFindings } from "./cluster-review.ts";
import { modelFindings } from "./model-review.ts";

/** What a review may look at beyond the object itself: what is known at this moment, without asking anybody. */
export interface AdmissionWorld {
  /** Whether there is a LanguageCluster of this name; `unknown` when that could not be found out. */
  clusterExists(name: string): boolean | "unknown";
  /** LanguageModels of a namespace, as far as they are known. */
  models(namespace: string): readonly Resource[];
}

/** An object under review. */
export interface ReviewedObject extends Resource {
  readonly metadata: Resource["metadata"] & {
    /** Present while the object waits for its finalizers. */
    readonly deletionTimestamp?: string;
  };
}

/** Answer to a review. */
export interface AdmissionAnswer {
  readonly allowed: boolean;
  /** Why it is refused: each names the field and what to do; empty when allowed. */
  readonly reasons: readonly string[];
  /** Shown to whoever applies the object, refused or not. */
  readonly warnings: readonly string[];
}

/** The kinds that are reviewed. */
export type ReviewedKind = "LanguageCluster" | "LanguageModel";

/** Beyond about 4096 characters of warnings the API server cuts them to pieces. */
const mostWarnings = 10;
const longestWarning = 390;
const mostReasons = 20;
const longestReason = 1000;

/**
 * Reviews an object that is created, or updated from `old` (langop.md §1.1, §1.2; decisions). An object that is being
 * deleted is always admitted, so that its finalizer can go; so is one whose spec stays as it is: what got in before
 * these rules, or past them, must stay open to finalizers, labels and annotations.
 */
export function admit(
  kind: ReviewedKind,
  object: ReviewedObject,
  old: ReviewedObject | undefined,
  world: AdmissionWorld,
): AdmissionAnswer {
  if (object.metadata.deletionTimestamp !== undefined) return { allowed: true, reasons: [], warnings: [] };
  const found = once(kind === "LanguageCluster" ? clusterFindings(object) : modelFindings(object, world));
  const refusing = isSameSpec(object, old) ? [] : found.filter(({ effect }) => effect === "blocked");
  const warning = found.filter((finding) => !refusing.includes(finding));
  return {
    allowed: refusing.length === 0,
    reasons: listed(refusing, mostReasons, longestReason),
    warnings: listed(warning, mostWarnings, longestWarning),
  };
}

function once(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [finding.text, finding])).values()];
}

function isSameSpec(object: Resource, old: Resource | undefined): boolean {
  return old !== undefined && canonicalText(object.spec ?? {}) === canonicalText(old.spec ?? {});
}

function listed(findings: readonly Finding[], most: number, longest: number): readonly string[] {
  const texts = findings.map(({ text }) => shortened(printable(text), longest));
  if (texts.length <= most) return texts;
  return [...texts.slice(0, most - 1), `And ${texts.length - most + 1} more.`];
}

/** Warnings travel in HTTP headers: the API server leaves out one that has control characters or half characters. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").toWellFormed();
}
