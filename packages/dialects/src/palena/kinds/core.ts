import * as z from "zod";

/**
 * Kubernetes' own types: the API server of a cluster checks them where the pod is made, so only what identifies a list
 * entry is required here and everything else passes through.
 */
function listMap<Item extends z.ZodType>(item: Item, keys: readonly string[]) {
  return z.array(item).meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [...keys] });
}

const optional = z.boolean().optional().describe("It may be missing.");

function keyOf(what: string) {
  return z
    .looseObject({
      name: z.string().min(1).describe(`Name of a ${what} in the same namespace.`),
      key: z.string().min(1).describe("Key inside it."),
      optional,
    })
    .optional()
    .describe(`A key of a ${what}.`);
}

function sourceOf(what: string) {
  return z
    .looseObject({ name: z.string().min(1).describe(`Name of a ${what} in the same namespace.`), optional })
    .optional()
    .describe(`A ${what} whose keys become variables.`);
}

/** Environment variables of a container. */
export const envVars = listMap(
  z.looseObject({
    name: z.string().min(1).describe("Name of the variable."),
    value: z.string().optional().describe("Its value, in clear."),
    valueFrom: z
      .looseObject({ secretKeyRef: keyOf("Secret"), configMapKeyRef: keyOf("ConfigMap") })
      .optional()
      .describe("Where the value comes from."),
  }),
  ["name"],
);

/** Sources of environment variables. */
export const envFrom = z.array(
  z.looseObject({
    prefix: z.string().optional().describe("Put before each key."),
    configMapRef: sourceOf("ConfigMap"),
    secretRef: sourceOf("Secret"),
  }),
);

/** Requests and limits of a container. */
export const resourceRequirements = z.looseObject({});

/** Volumes of a pod. */
export const volumes = listMap(z.looseObject({ name: z.string().min(1).describe("Name of the volume.") }), [
  "name",
]);

/** Mounts of a container. */
export const volumeMounts = listMap(
  z.looseObject({
    name: z.string().min(1).describe("Name of the volume."),
    mountPath: z.string().min(1).describe("Where it is mounted."),
  }),
  ["mountPath"],
);

/** How pods spread over nodes. */
export const topologySpreadConstraints = listMap(
  z.looseObject({
    topologyKey: z.string().min(1).describe("Label of nodes."),
    whenUnsatisfiable: z.string().min(1).describe("DoNotSchedule or ScheduleAnyway."),
  }),
  ["topologyKey", "whenUnsatisfiable"],
);

/** Tolerations of a pod. */
export const tolerations = z.array(z.looseObject({}));

/** Affinity of a pod. */
export const affinity = z.looseObject({});

/** Names of pull Secrets. */
export const pullSecrets = listMap(
  z.strictObject({ name: z.string().min(1).describe("Name of a Secret in the same namespace.") }),
  ["name"],
);
