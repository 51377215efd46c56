/** Where a rule applies, and so in which role it lands: an operator may watch everything or a few namespaces. */
export type AccessScope =
  /** Cluster-scoped kinds. Always cluster-wide: there is no smaller way to grant them. */
  | "cluster"
  /** Cluster-scoped objects; only those named like a watched namespace where a few are watched. */
  | "cluster-by-name"
  /** Cluster-scoped kinds; not granted to an operator that watches a few namespaces. */
  | "whole-cluster"
  /** Objects in the namespaces that are watched. */
  | "watched"
  /** Objects in the namespace `default`. */
  | "default"
  /** Objects in the namespace `kube-system`. */
  | "kube-system"
  /** Objects in the operator's own namespace. */
  | "own";

export type AccessVerb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "patch"
  | "update"
  | "delete"
  | "bind"
  | "escalate";

export interface AccessRule {
  readonly scope: AccessScope;
  /** What it is for, as a sentence for the person who installs the operator. */
  readonly why: string;
  /** API groups; `""` is the core group. */
  readonly groups: readonly string[];
  /** Plural names, `name/subresource` for a sub-resource. */
  readonly resources: readonly string[];
  readonly verbs: readonly AccessVerb[];
  /** Only objects of these names. Cannot limit list, watch and a plain create. */
  readonly names?: readonly string[];
}

/** The rules of one part of the operator. */
export interface PartAccess {
  readonly part: string;
  /** Left out of an operator that runs with `--disable-webhooks`. */
  readonly webhook?: boolean;
  readonly rules: readonly AccessRule[];
}

/** To look, and to go on looking. */
export const reading = ["get", "list", "watch"] as const;
/** Everything that server-side apply of owned objects takes: apply is a patch, and a create where there is nothing yet. */
export const owning = [...reading, "create", "patch", "delete"] as const;
