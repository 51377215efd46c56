import type { DesiredObjects, Installation } from "@gatewright/dialects";
import type { Document, Secret } from "@gatewright/litellm";
import {
  compareOrigins,
  type Finding,
  type GatewayPlan,
  type JsonObject,
  type Origin,
  type SecretReference,
} from "@gatewright/plan";
import type { Locate } from "./trouble.ts";

/** One gateway that the input declares: its document, and what else it takes to serve it. */
export interface Declaration {
  /** The same after every edit of the input. */
  readonly id: string;
  /** How the user knows it: a file, or a resource and its file. */
  readonly title: string;
  readonly origin: Origin;
  readonly document: Document;
  /** The document as YAML, as it is delivered. */
  readonly text: string;
  /** SHA-256 of the delivered bytes. */
  readonly digest: string;
  /** Absent for a LiteLLM configuration file, which is a document already. */
  readonly plan?: GatewayPlan;
  /** Models that live in the management API instead of the document. */
  readonly storedModels: readonly JsonObject[];
  /** What stands behind the names in the document. */
  readonly references: readonly SecretReference[];
  /** Variables that the resource sets in clear. */
  readonly environment?: { readonly [name: string]: Secret };
  /** Folder that holds this gateway's Secrets as `<secret>/<key>`. */
  readonly mounts?: string;
  /** The Kubernetes objects of the gateway; absent where none are written for it. */
  readonly objects?: (installation: Installation) => DesiredObjects;
  readonly findings: readonly Finding[];
  readonly locate: Locate;
  /** Protective settings the user accepts to go without. */
  readonly allowUnsupported: readonly string[];
}

/**
 * Why a declared gateway must not be served: its `blocked` findings about itself as a whole. Empty when it may;
 * `blocked` findings about anything else exclude only what they name.
 */
export function refusals(declaration: Declaration): readonly Finding[] {
  return declaration.findings.filter(
    ({ effect, origin }) => effect === "blocked" && compareOrigins(origin, declaration.origin) === 0,
  );
}
