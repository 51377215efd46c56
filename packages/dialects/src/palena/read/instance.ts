import type {
  Effect,
  Finding,
  Origin,
  Part,
  SecretReference,
  SettingConcern,
  SettingConcerns,
} from "@gatewright/plan";
import { originText } from "@gatewright/plan";
import type { World } from "../../dialect.ts";
import { originOf, type Resource } from "../../resource.ts";
import type { CredentialSpec } from "../kinds/credential.ts";
import type { InstanceSpec } from "../kinds/instance.ts";
import type { ModelSpec } from "../kinds/model.ts";
import { present } from "./present.ts";

/** A resource whose spec can be read. */
export interface Member<Spec> {
  readonly resource: Resource;
  readonly spec: Spec;
}

/** A LiteLLMInstance, the resources that name it, and what its readers may ask about Secrets. */
export interface Instance extends Member<InstanceSpec> {
  readonly origin: Origin;
  readonly namespace: string;
  readonly name: string;
  /** By resource name, like the next two. */
  readonly models: readonly Member<ModelSpec>[];
  readonly credentials: readonly Member<CredentialSpec>[];
  readonly guardrails: readonly Resource[];
  readonly allowUnsupported: readonly string[];
  /** As `World.secretKeys`, in the instance's namespace. */
  readonly secretKeys: (name: string) => ReturnType<World["secretKeys"]>;
  /** Data of a ConfigMap of the instance's namespace; absent when there is none of that name. */
  readonly configMap: (name: string) => { readonly [key: string]: string } | undefined;
  /** Who came first for each variable that a name the user chose is part of. */
  readonly claims: ReadonlyMap<string, SecretReference>;
}

/** What a reader finds, one by one. */
export type Found = Iterable<Part | Finding>;

/** Reads one concern of an instance. */
export type Reader = (instance: Instance) => Found;

/** What the instance says about a setting, if it says anything. */
export function* setting<C extends SettingConcern>(
  { origin }: Instance,
  concern: C,
  members: { readonly [K in keyof SettingConcerns[C]]?: SettingConcerns[C][K] | undefined },
): Found {
  const value = present(members);
  // The compiler does not see that concern and value of a generic C belong together.
  if (Object.keys(value).length > 0) yield { concern, origin, value } as unknown as Part;
}

/** A finding about one field. `text` goes on after the field's name: "has no effect because …". */
export function fieldFinding(
  resource: Resource,
  path: string,
  code: string,
  effect: Effect,
  text: string,
): Finding {
  const origin = originOf(resource, path);
  return { code, effect, origin, text: `${originText(origin)} ${text}` };
}
