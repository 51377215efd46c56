import type { Kind } from "../kind.ts";
import { type StructuralSchema, structuralSchema } from "./structural-schema.ts";

/** A CustomResourceDefinition (apiextensions.k8s.io/v1) as the generator writes it. */
export interface CustomResourceDefinition {
  readonly apiVersion: "apiextensions.k8s.io/v1";
  readonly kind: "CustomResourceDefinition";
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly kind: string;
      readonly listKind: string;
      readonly plural: string;
      readonly singular: string;
      readonly shortNames?: readonly string[];
    };
    readonly scope: "Namespaced" | "Cluster";
    readonly versions: readonly [CustomResourceVersion];
  };
}

interface CustomResourceVersion {
  readonly name: string;
  readonly served: true;
  readonly storage: true;
  readonly subresources?: { readonly status: object };
  readonly additionalPrinterColumns?: readonly {
    readonly name: string;
    readonly type: string;
    readonly jsonPath: string;
  }[];
  readonly schema: { readonly openAPIV3Schema: StructuralSchema };
}

/** The definition of a kind, whole. */
export function customResourceDefinition(kind: Kind): CustomResourceDefinition {
  const columns = kind.printerColumns.map(({ name, type, path }) => ({ name, type, jsonPath: path }));
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      group: kind.group,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
        ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
      },
      scope: kind.scope,
      versions: [
        {
          name: kind.version,
          served: true,
          storage: true,
          ...(kind.status === undefined ? {} : { subresources: { status: {} } }),
          ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns }),
          schema: { openAPIV3Schema: objectSchema(kind) },
        },
      ],
    },
  };
}

/** The schema of the whole object. The API server itself knows what metadata is. */
function objectSchema(kind: Kind): StructuralSchema {
  const spec = structuralSchema(kind.spec);
  return {
    ...(spec.description === undefined ? {} : { description: spec.description }),
    type: "object",
    ...(kind.specRequired === true ? { required: ["spec"] } : {}),
    properties: {
      apiVersion: { type: "string", description: `\`${kind.group}/${kind.version}\`.` },
      kind: { type: "string", description: `\`${kind.kind}\`.` },
      metadata: { type: "object" },
      spec: {
        ...spec,
        description: `What the ${kind.kind} is to be.`,
        // Server-side apply that takes the last field out leaves null, which the API server refuses without a default.
        ...(kind.specRequired === true || spec.required !== undefined ? {} : { default: {} }),
      },
      ...(kind.status === undefined
        ? {}
        : { status: { ...structuralSchema(kind.status), description: `What the ${kind.kind} is.` } }),
    },
    ...(kind.validations === undefined ? {} : { "x-kubernetes-validations": kind.validations }),
  };
}
