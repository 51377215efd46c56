import type * as z from "zod";

/** A resource kind: its names, and the schemas its types, its CRD and its documentation come from. */
export interface Kind<Spec extends z.ZodType = z.ZodType, Status extends z.ZodType = z.ZodType> {
  readonly group: string;
  readonly version: "v1alpha1";
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly scope: "Namespaced" | "Cluster";
  readonly printerColumns: readonly PrinterColumn[];
  /** Schema of `spec`, defaults included. */
  readonly spec: Spec;
  /** An object without `spec` is refused; only where nobody ever could do without. */
  readonly specRequired?: boolean;
  /** Schema of the sub-resource `status`; a kind about which nothing is reported has none. */
  readonly status?: Status;
  /** Rules over the whole object: of its metadata they may name `name` only. */
  readonly validations?: readonly ValidationRule[];
}

/** A rule in CEL that the API server checks, and what it says to who breaks it. */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
}

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean" | "date";
  /** JSONPath, for example `.status.phase`. */
  readonly path: string;
}
