import { readdirSync, readFileSync } from "node:fs";
import type { JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import type * as z from "zod";
import type { World } from "../dialect.ts";
import type { Kind } from "../kind.ts";
import { readManifests } from "../manifest.ts";
import type { Resource } from "../resource.ts";
import { worldOf } from "../world.ts";
import { palena } from "./palena.ts";

const object = "shapes an object that the operator will write; the document says nothing about it";
const variable = "reaches the gateway by an environment variable, which the operator will set";
const sync = "for the operator's comparison with the management API";

/**
 * Every leaf of a schema has an effect on plan, environment or findings, or stands here with the reason why it has none.
 * A prefix declines all leaves at and below it.
 */
const declined: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  LiteLLMInstance: {
    image: "names the image of the LiteLLM engine, which the operator runs",
    replicas: object,
    autoscaling: object,
    healthCheck: object,
    resources: object,
    podDisruptionBudget: object,
    topologySpreadConstraints: object,
    upgrade: object,
    tls: object,
    extraVolumes: object,
    extraVolumeMounts: object,
    serviceAccount: object,
    deployment: object,
    podScheduling: object,
    workload: "decides whether the operator runs the gateway; what it serves is the same",
    "database.external": variable,
    "database.cloudnativepg": variable,
    "database.managed": object,
    "database.migration": object,
    "database.tls": object,
    configSync: sync,
    "service.type": object,
    ingress: object,
    route: object,
    gatewayHTTPRoute: object,
    "security.networkPolicy": object,
    "security.runAsNonRoot": object,
    observability: object,
    "sso.provider": variable,
    "sso.clientId": variable,
    "sso.clientSecret": variable,
    "sso.tenantId": variable,
    "sso.authorizationEndpoint": variable,
    "sso.tokenEndpoint": variable,
    "sso.userinfoEndpoint": variable,
    "sso.scopes": variable,
    "sso.userAttributeMappings": variable,
    "sso.logoutUrl": variable,
    "sso.customSsoHandler.configMapRef.name": object,
    scim: variable,
    "jwtAuth.publicKeyUrl": variable,
    "jwtAuth.issuer": variable,
    "jwtAuth.audience": variable,
    "secretManager.credentialsSecretRef": variable,
    "secretManager.aws": variable,
    "secretManager.azure": variable,
    "secretManager.vault": variable,
    "caching.s3.credentialsSecretRef.key":
      "the dialect takes two keys with fixed names instead (palena.md §2.4)",
    "adminUI.disabled": variable,
    "adminUI.apiDocBaseURL": variable,
    "adminUI.docsURL": variable,
    "adminUI.rootRedirectURL": variable,
    "adminUI.logoURL": variable,
    "adminUI.emailLogoURL": variable,
    "adminUI.emailSupportContact": variable,
    "adminUI.colorThemeConfigMapRef": object,
  },
  LiteLLMModel: {},
  LiteLLMCredential: {},
};

/** The cases under fixtures/palena, which together have every field that is read. */
const folder = new URL("../../../../fixtures/palena/", import.meta.url);
const worlds = readdirSync(folder).map((name): World => {
  const text = readFileSync(new URL(`${name}/input.yaml`, folder), "utf8");
  const secrets = /^# secrets: complete$/m.test(text) ? "complete" : "partial";
  return worldOf(readManifests([{ path: name, text }]).manifests, { secrets });
});

describe.each(palena.kinds)("$kind", (kind) => {
  const leaves = leavesOf(kind.spec, "");
  const reasons = Object.keys(declined[kind.kind]!);
  const isDeclined = (leaf: string) => reasons.some((prefix) => covers(prefix, leaf));

  test.each(leaves.filter((leaf) => !isDeclined(leaf)))("%s has an effect", (leaf) => {
    const having = worlds.flatMap((world) =>
      world.resources
        .filter((resource) => resource.kind === kind.kind)
        .map((resource) => ({ world, resource, removed: edited(kind, resource, leaf, "remove") }))
        .filter(({ removed }) => removed !== undefined),
    );
    expect(
      having.length,
      "no case under fixtures/palena has this field: add it, or decline it",
    ).toBeGreaterThan(0);
    const effective = having.some(({ world, resource, removed }) => {
      const before = outcome(world, resource, resource);
      return [removed!, edited(kind, resource, leaf, "change")!].some((other) => {
        const after = outcome(world, resource, other);
        // What the schema refuses proves nothing about the readers.
        return !after.includes('"InvalidField"') && after !== before;
      });
    });
    expect(effective, "without the field, or with another value in it, everything stays the same").toBe(true);
  });

  test("declines only fields that there are", () => {
    for (const prefix of reasons)
      expect(
        leaves.filter((leaf) => covers(prefix, leaf)),
        prefix,
      ).not.toEqual([]);
  });

  test("describes every field", () => {
    expect(undescribed(kind.spec, "")).toEqual([]);
  });
});

function covers(prefix: string, leaf: string): boolean {
  return leaf === prefix || [".", "[", "{"].some((mark) => leaf.startsWith(prefix + mark));
}

/** Everything a reading says, environment values included. */
function outcome(world: World, resource: Resource, instead: Resource): string {
  const resources = world.resources.map((other) => (other === resource ? instead : other));
  const { gateways, findings } = palena.read({ ...world, resources }, { engine: "litellm" });
  const shown = gateways.map(({ environment = {}, ...gateway }) => ({
    ...gateway,
    environment: Object.entries(environment).map(([name, value]) => [name, value.reveal()]),
  }));
  return JSON.stringify([shown, findings]);
}

interface Definition {
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly shape?: { readonly [key: string]: z.core.$ZodType };
  readonly entries?: { readonly [key: string]: string };
}

function definitionOf(schema: z.core.$ZodType): Definition {
  const definition = schema._zod.def as unknown as Definition;
  return definition.innerType === undefined ? definition : definitionOf(definition.innerType);
}

/** `masterKey.secretRef.name`, `fallbacks.modelFallbacks[].model`, `rbac.rolePermissions{}.routes[]`. */
function leavesOf(schema: z.core.$ZodType, path: string): readonly string[] {
  const { element, valueType, shape } = definitionOf(schema);
  if (element !== undefined) return leavesOf(element, `${path}[]`);
  if (valueType !== undefined) return leavesOf(valueType, `${path}{}`);
  const fields = Object.entries(shape ?? {});
  if (fields.length === 0) return [path];
  return fields.flatMap(([key, field]) => leavesOf(field, path === "" ? key : `${path}.${key}`));
}

type Edit = "remove" | "change";

/** The resource without the field, or with another value in it, wherever it has it; nothing when it has it nowhere. */
function edited(kind: Kind, resource: Resource, leaf: string, edit: Edit): Resource | undefined {
  const spec = structuredClone(resource.spec ?? {}) as JsonObject;
  const steps = leaf.replaceAll(/\[\]|\{\}/g, ".*").split(".");
  return apply(spec, kind.spec, steps, edit) ? { ...resource, spec } : undefined;
}

function apply(
  value: unknown,
  schema: z.core.$ZodType | undefined,
  [step, ...rest]: readonly string[],
  edit: Edit,
): boolean {
  if (step === undefined || typeof value !== "object" || value === null) return false;
  const definition = schema === undefined ? {} : definitionOf(schema);
  const field = definition.element ?? definition.valueType ?? definition.shape?.[step];
  const members = value as Record<string, unknown>;
  const keys = step === "*" ? Object.keys(members) : Object.hasOwn(members, step) ? [step] : [];
  if (rest.length > 0) return keys.map((key) => apply(members[key], field, rest, edit)).some(Boolean);
  for (const key of keys) {
    if (edit === "change") members[key] = changed(members[key], field);
    else if (!Array.isArray(members)) delete members[key];
  }
  if (edit === "remove" && Array.isArray(members)) members.splice(0);
  return keys.length > 0;
}

function changed(value: unknown, schema: z.core.$ZodType | undefined): unknown {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 1;
  if (typeof value !== "string") return { changed: true };
  const others = Object.values((schema && definitionOf(schema).entries) ?? {}).filter(
    (other) => other !== value,
  );
  return others[0] ?? (/^[\d.]+$/.test(value) ? `${value}1` : `x${value}`);
}

function undescribed(schema: z.core.$ZodType, path: string): readonly string[] {
  const { element, valueType, shape } = definitionOf(schema);
  const item = element ?? valueType;
  if (item !== undefined) return undescribed(item, `${path}[]`);
  return Object.entries(shape ?? {}).flatMap(([key, field]) => {
    const at = path === "" ? key : `${path}.${key}`;
    return [...(descriptionOf(field) === undefined ? [at] : []), ...undescribed(field, at)];
  });
}

/** Outer wrappers (`optional`, `default`) do not repeat the description of what they wrap. */
function descriptionOf(schema: z.core.$ZodType): string | undefined {
  const inner = (schema._zod.def as unknown as Definition).innerType;
  return (schema as z.ZodType).description ?? (inner === undefined ? undefined : descriptionOf(inner));
}
