import type { Finding } from "./finding.ts";
import { compareFindings } from "./finding.ts";
import type { GatewayPlan } from "./gateway.ts";
import type { Model } from "./model.ts";
import { type Origin, originText } from "./origin.ts";

/** One named rule over a whole plan. */
type Rule = (plan: GatewayPlan) => Iterable<Finding>;

const rules: readonly Rule[] = [
  sharedModelNames,
  unknownCredentials,
  repeatedNames,
  unknownFallbacks,
  unknownLimitedModels,
];

/** Everything that is wrong with a plan as a whole, beyond what reading one resource can see. */
export function check(plan: GatewayPlan): readonly Finding[] {
  return rules.flatMap((rule) => [...rule(plan)]).sort(compareFindings);
}

/** Two resources publish one name: requests are spread over both, which is rarely meant when the upstreams differ. */
function* sharedModelNames(plan: GatewayPlan): Iterable<Finding> {
  for (const group of groups(plan.model, (model) => model.name).values()) {
    const [first, ...others] = group;
    if (first === undefined || first.name.includes("*")) continue;
    for (const other of others) {
      if (sameResource(first.origin, other.origin) && first.model === other.model) continue;
      yield {
        code: "ModelNameShared",
        effect: "approximated",
        origin: other.origin,
        text: `${originText(other.origin)} and ${originText(first.origin)} both publish the model name "${first.name}", so requests for it are spread over ${first.model} and ${other.model}. Give one of them another name if that is not meant.`,
      };
    }
  }
}

function* unknownCredentials(plan: GatewayPlan): Iterable<Finding> {
  const known = new Set(plan.credential.map((credential) => credential.name));
  for (const model of plan.model) {
    if (model.credential === undefined || known.has(model.credential)) continue;
    yield {
      code: "CredentialNotFound",
      effect: "blocked",
      origin: model.origin,
      text: `${originText(model.origin)} uses the credential "${model.credential}", which this gateway does not have${listed("It has", known)}.`,
    };
  }
}

function* repeatedNames(plan: GatewayPlan): Iterable<Finding> {
  for (const concern of ["credential", "guard", "tool"] as const) {
    const entities: readonly { readonly name: string; readonly origin: Origin }[] = plan[concern];
    for (const [name, group] of groups(entities, (entity) => entity.name)) {
      for (const other of group.slice(1)) {
        yield {
          code: "NameRepeated",
          effect: "approximated",
          origin: other.origin,
          text: `The ${concern} name "${name}" is given twice: ${group.map((entity) => originText(entity.origin)).join(" and ")}. Names must be unique in a gateway.`,
        };
      }
    }
  }
}

function* unknownFallbacks(plan: GatewayPlan): Iterable<Finding> {
  const targets = [
    ...(plan.route.fallbacks ?? []).flatMap((fallback) => [...fallback.fallbacks]),
    ...(plan.route.defaultFallbacks ?? []),
  ];
  // Models that are stored through the API later are not known here, so only a plan that has models can judge.
  if (plan.model.length === 0) return;
  for (const target of new Set(targets)) {
    if (servesName(plan, target)) continue;
    yield {
      code: "FallbackNotFound",
      effect: "dropped",
      origin: plan.origin,
      text: `A fallback names the model "${target}", which this gateway does not serve; the chain goes on without it${listed(
        "Served are",
        plan.model.map((model) => model.name),
      )}.`,
    };
  }
}

function* unknownLimitedModels(plan: GatewayPlan): Iterable<Finding> {
  const resources = new Set(plan.model.map((model) => model.resource));
  for (const limit of plan.limit) {
    if (limit.scope.kind !== "model" || resources.has(limit.scope.model)) continue;
    yield {
      code: "LimitedModelNotFound",
      effect: "dropped",
      origin: limit.origin,
      text: `${originText(limit.origin)} limits the model "${limit.scope.model}", which this gateway does not have.`,
    };
  }
}

function servesName(plan: GatewayPlan, name: string): boolean {
  return (
    plan.route.aliases?.[name] !== undefined ||
    plan.model.some((model) => model.name === name || model.resource === name || matchesWildcard(model, name))
  );
}

function matchesWildcard(model: Model, name: string): boolean {
  const star = model.name.indexOf("*");
  if (star < 0) return false;
  return name.startsWith(model.name.slice(0, star)) && name.endsWith(model.name.slice(star + 1));
}

function sameResource(a: Origin, b: Origin): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

function groups<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const group = found.get(key(item));
    if (group === undefined) found.set(key(item), [item]);
    else group.push(item);
  }
  return found;
}

function listed(intro: string, names: Iterable<string>): string {
  const all = [...new Set(names)].sort();
  return all.length === 0
    ? ""
    : ` (${intro.toLowerCase()} ${all.slice(0, 10).join(", ")}${all.length > 10 ? ", …" : ""})`;
}
