import type * as z from "zod";

/** A resource kind: its names, and the schema its types, its CRD and its documentation come from. */
export interface Kind<Spec extends z.ZodType = z.ZodType> {
  readonly group: string;
  readonly version: "v1alpha1";
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly scope: "Namespaced" | "Cluster";
  readonly printerColumns: readonly PrinterColumn[];
  /** Schema of `spec`, defaults included. */
  readonly spec: Spec;
}

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean" | "date";
  /** JSONPath, for example `.status.phase`. */
  readonly path: string;
}
