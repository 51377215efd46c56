import { compareOrigins, compareText, type Finding } from "@gatewright/plan";
import { originOf, type Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageCluster } from "../kinds/language-cluster.ts";
import { type LanguageModelSpec, languageModel } from "../kinds/language-model.ts";
import { read } from "../read/read.ts";
import type { AdmissionWorld } from "./admit.ts";
import { nameText } from "./environment-review.ts";
import { isDataKey, isDnsName } from "./kubernetes-name.ts";
import { egressFindings } from "./network-review.ts";
import { type Review, reviewOf } from "./review.ts";

/** Everything that is to say about a LanguageModel before it is admitted (langop.md §1.2, decisions); `blocked` refuses it. */
export function modelFindings(model: Resource, world: AdmissionWorld): readonly Finding[] {
  const { spec, findings: ofSpec } = readSpec(languageModel, model);
  if (spec === undefined) return ofSpec;
  const findings: Finding[] = [...ofSpec];
  const review = reviewOf(model, findings);
  const { namespace = "", name } = model.metadata;
  const others = world.models(namespace).filter(({ metadata }) => metadata.name !== name);
  reviewProvider(spec, review.within("spec"));
  reviewSecrets(spec, review.within("spec"));
  reviewEndpoints(spec, review.within("spec"));
  reviewSharedName(spec, others, review);
  findings.push(...egressFindings(model, spec.egress, review), ...readerFindings(model, spec, others, world));
  return findings;
}

function reviewProvider({ provider }: LanguageModelSpec, review: Review): void {
  if (provider !== "custom") return;
  const text =
    "custom is deprecated. Use openai-compatible, or litellmProvider for a provider that LiteLLM knows.";
  review.warn(["provider"], "ProviderDeprecated", text);
}

/** A name that no Secret can have would be waited for in vain. */
function reviewSecrets(spec: LanguageModelSpec, review: Review): void {
  const { apiKeySecretRef, credentialsSecretRef } = spec;
  for (const [field, reference] of Object.entries({ apiKeySecretRef, credentialsSecretRef })) {
    if (reference !== undefined && !isDnsName(reference.name)) {
      review.refuse([field, "name"], "NameInvalid", nameText);
    }
  }
  if (apiKeySecretRef !== undefined && !isDataKey(apiKeySecretRef.key)) {
    const text = 'can be no key of a Secret: use at most 253 letters, digits, "-", "_" and ".".';
    review.refuse(["apiKeySecretRef", "key"], "KeyInvalid", text);
  }
}

function reviewEndpoints({ endpoint = "", loadBalancing }: LanguageModelSpec, review: Review): void {
  if (endpoint !== "") reviewUrl(endpoint, review.within("endpoint"));
  for (const [index, { url }] of (loadBalancing?.endpoints ?? []).entries()) {
    reviewUrl(url, review.within("loadBalancing", "endpoints", index, "url"));
  }
}

function reviewUrl(text: string, review: Review): void {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") {
    review.warn(
      [],
      "EndpointInvalid",
      "is no URL that begins with http:// or https://, so no request can be sent there.",
    );
    return;
  }
  if (url.username !== "" || url.password !== "") {
    const text =
      "has a user name or password in it, which everybody who may read the model can see. Put it into a Secret.";
    review.warn([], "EndpointHoldsCredential", text);
  }
}

/** Models of one name become one load-balanced group, which is rarely meant when their providers differ. */
function reviewSharedName(spec: LanguageModelSpec, others: readonly Resource[], review: Review): void {
  if (spec.modelName === "*") return;
  const names = others
    .filter((other) => other.spec?.["modelName"] === spec.modelName)
    .map(({ metadata }) => metadata.name)
    .sort(compareText);
  if (names.length === 0) return;
  const shown = names.slice(0, 10).join(", ");
  const more = names.length > 10 ? ` and ${names.length - 10} more` : "";
  review.warn(
    ["spec", "modelName"],
    "ModelNameShared",
    `is also the modelName of ${shown}${more}: requests for it will be load-balanced over all of them.`,
  );
}

/** Findings that depend on what is in the cluster by the time the model is served, or that are told above in other words. */
const toldLater: ReadonlySet<string> = new Set([
  "ModelNameShared",
  "SecretKeysUnknown",
  "ModelNotServed",
  "ModelServiceMissing",
]);

/** What the reader of the dialect says about this one model: the very findings that its status would show. */
function readerFindings(
  model: Resource,
  spec: LanguageModelSpec,
  others: readonly Resource[],
  world: AdmissionWorld,
): readonly Finding[] {
  const { namespace = "" } = model.metadata;
  const managed = world.clusterExists(namespace);
  const reading = read(
    {
      resources: [
        ...(managed === false ? [] : [clusterNamed(namespace)]),
        model,
        ...others.filter((other) => isRelated(other, spec)),
      ],
      secretKeys: () => "unknown",
      configMap: () => undefined,
    },
    { engine: "native" },
  );
  const known = new Set(readSpec(languageModel, model).findings.map(({ text }) => text));
  const origin = originOf(model);
  return reading.gateways
    .flatMap(({ findings }) => findings)
    .filter(({ code, text, origin: { path: _, ...of } }) => {
      return compareOrigins(of, origin) === 0 && !toldLater.has(code) && !known.has(text);
    });
}

/** Another model that this one's names or fallbacks can touch; reading all of them would take its time. */
function isRelated(
  { metadata, spec }: Resource,
  { aliases = [], modelName, fallbacks = [] }: LanguageModelSpec,
): boolean {
  const theirs = spec?.["modelName"];
  return (
    fallbacks.some(({ modelRef }) => modelRef === metadata.name) ||
    (typeof theirs === "string" && (theirs === modelName || aliases.includes(theirs)))
  );
}

function clusterNamed(name: string): Resource {
  const { group, version, kind } = languageCluster;
  return { apiVersion: `${group}/${version}`, kind, metadata: { name }, spec: {} };
}
