import { canonicalText, type Finding } from "@gatewright/plan";
import type { Kind } from "../../kind.ts";
import type { Resource } from "../../resource.ts";
import { languageAgent } from "../kinds/language-agent.ts";
import { languageAgentRuntime } from "../kinds/language-agent-runtime.ts";
import { languageAgentSelfConfig } from "../kinds/language-agent-self-config.ts";
import { languageCluster } from "../kinds/language-cluster.ts";
import { languageModel } from "../kinds/language-model.ts";
import { languagePersona } from "../kinds/language-persona.ts";
import { languageTool } from "../kinds/language-tool.ts";
import { shortened } from "../status/degraded.ts";
import { agentFindings } from "./agent-review.ts";
import { clusterFindings } from "./cluster-review.ts";
import { modelFindings } from "./model-review.ts";
import { personaFindings } from "./persona-review.ts";
import { runtimeFindings } from "./runtime-review.ts";
import { selfConfigFindings } from "./self-config-review.ts";
import { toolFindings } from "./tool-review.ts";

/** What a review may look at beyond the object itself: what is known at this moment, without asking anybody. */
export interface AdmissionWorld {
  /** Whether there is a LanguageCluster of this name; `unknown` when that could not be found out. */
  clusterExists(name: string): boolean | "unknown";
  /** The same of a LanguageAgentRuntime. */
  runtimeExists(name: string): boolean | "unknown";
  /** LanguageModels of a namespace, as far as they are known. */
  models(namespace: string): readonly Resource[];
  /** The same of LanguageAgents. */
  agents(namespace: string): readonly Resource[];
  /** The same of LanguageTools. */
  tools(namespace: string): readonly Resource[];
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

/** Everything that is to say about an object that is created, or updated from `old`; `blocked` refuses it. */
type Findings = (
  object: Resource,
  world: AdmissionWorld,
  old: Resource | undefined,
  requester: string | undefined,
) => readonly Finding[];

const reviews = {
  LanguageCluster: { kind: languageCluster, findings: clusterFindings },
  LanguageModel: { kind: languageModel, findings: modelFindings },
  LanguageAgent: { kind: languageAgent, findings: agentFindings },
  LanguageTool: { kind: languageTool, findings: toolFindings },
  LanguagePersona: { kind: languagePersona, findings: personaFindings },
  LanguageAgentRuntime: { kind: languageAgentRuntime, findings: runtimeFindings },
  LanguageAgentSelfConfig: { kind: languageAgentSelfConfig, findings: selfConfigFindings },
} as const satisfies { readonly [kind: string]: { readonly kind: Kind; readonly findings: Findings } };

/** The kinds that are reviewed. */
export type ReviewedKind = keyof typeof reviews;

/** What the API server has to know of a kind to ask for its review. */
export interface ReviewedType extends Pick<Kind, "plural" | "scope"> {
  readonly kind: ReviewedKind;
}

/** The reviewed kinds, in the order in which they are shown. */
export const reviewedTypes: readonly ReviewedType[] = Object.entries(reviews).map(
  ([
    kind,
    {
      kind: { plural, scope },
    },
  ]) => ({ kind: kind as ReviewedKind, plural, scope }),
);

/** Beyond about 4096 characters of warnings the API server cuts them to pieces. */
const mostWarnings = 10;
const longestWarning = 390;
const mostReasons = 20;
const longestReason = 1000;

/**
 * Reviews an object that is created, or updated from `old` (langop.md §1.1, §1.2, §2.1, §2.6; decisions). An object that is being
 * deleted is always admitted, so that its finalizer can go; so is one whose spec stays as it is: what got in before
 * these rules, or past them, must stay open to finalizers, labels and annotations. `requester` is the user who asks, by
 * the name that the API server knows.
 */
export function admit(
  kind: ReviewedKind,
  object: ReviewedObject,
  old: ReviewedObject | undefined,
  world: AdmissionWorld,
  requester?: string,
): AdmissionAnswer {
  if (object.metadata.deletionTimestamp !== undefined) return { allowed: true, reasons: [], warnings: [] };
  const findings: Findings = reviews[kind].findings;
  const found = once(findings(object, world, old, requester));
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
