import { compareOrigins, compareText, type Finding } from "@gatewright/plan";
import { originOf, type Resource } from "../../resource.ts";
import { generationOf } from "./cluster-status.ts";
import { degraded, shortened } from "./degraded.ts";
import { configServed, gatewayOpen, notAvailable } from "./gateway-condition.ts";
import type {
  ConditionIntent,
  GatewayAccess,
  ObservedDeployment,
  ServedConfiguration,
  StatusIntent,
  StepResult,
} from "./intent.ts";

/** Facts the status of a LanguageModel is made of. */
export interface ModelStatusInput {
  readonly model: Resource;
  /** Findings of its gateway; those about other resources are left aside. */
  readonly findings: readonly Finding[];
  /**
   * Who serves it: the gateway of its namespace's LanguageCluster, one of its own, or nobody yet, because a
   * LanguageCluster may still be on its way.
   */
  readonly gateway:
    | { readonly kind: "shared" }
    | { readonly kind: "waiting" }
    | {
        readonly kind: "standalone";
        readonly steps: readonly StepResult[];
        readonly deployment?: ObservedDeployment;
        readonly served?: ServedConfiguration;
        readonly access: GatewayAccess;
      };
}

type Ready = Omit<ConditionIntent, "type"> & { readonly phase: StatusIntent["phase"] };

/**
 * Status of a LanguageModel (langop.md §1.2). A model that its gateway leaves out is Failed, with the finding's code as
 * reason: SecretNotFound as the dialect has it, SecretKeyMissing and the others ours.
 */
export function modelStatus(input: ModelStatusInput): StatusIntent {
  const { model, gateway } = input;
  const own = input.findings.filter((finding) => isAbout(finding, model));
  const { phase, ...ready } = readyOf(input, excluding(model, own));
  return {
    phase,
    conditions: [
      { type: "Ready", ...ready },
      ...(gateway.kind === "standalone"
        ? [...configServed(gateway.served), ...gatewayOpen(gateway.access)]
        : []),
      ...degraded(own),
    ],
    fields: { ...generationOf(model), message: ready.message },
  };
}

function isAbout({ origin }: Finding, model: Resource): boolean {
  const { path: _, ...resource } = origin;
  return compareOrigins(resource, originOf(model)) === 0;
}

const endpointPath = /^spec\.loadBalancing\.endpoints\[\d+\]/u;
const reasonsFirst = ["SecretNotFound", "SecretKeyMissing"];
/** Says only that the other findings say why. */
const consequence = "ModelNotServed";

/** The findings that keep the model out, the most telling first. Endpoints fail one by one: some may be left. */
function excluding(model: Resource, findings: readonly Finding[]): readonly Finding[] {
  const blocked = findings.filter(({ effect }) => effect === "blocked");
  const endpoints = new Set(blocked.flatMap(({ origin }) => endpointPath.exec(origin.path ?? "")?.[0] ?? []));
  const someAreLeft = endpoints.size < endpointCount(model);
  return blocked
    .filter(({ origin }) => !(someAreLeft && endpointPath.test(origin.path ?? "")))
    .sort((a, b) => rank(a) - rank(b) || compareText(a.text, b.text));
}

function endpointCount({ spec }: Resource): number {
  const balancing = spec?.["loadBalancing"] as { readonly endpoints?: unknown } | null | undefined;
  const endpoints = balancing?.endpoints;
  return Array.isArray(endpoints) ? endpoints.length : 0;
}

function rank({ code }: Finding): number {
  if (code === consequence) return reasonsFirst.length + 1;
  const position = reasonsFirst.indexOf(code);
  return position < 0 ? reasonsFirst.length : position;
}

const longestText = 1000;

function readyOf(input: ModelStatusInput, excluded: readonly Finding[]): Ready {
  const { model, gateway } = input;
  const [first] = excluded;
  const { namespace = "" } = model.metadata;
  if (first !== undefined) {
    const telling = excluded.filter(({ code }) => code !== consequence || code === first.code);
    const message = shortened(telling.map(({ text }) => text).join(" "), longestText);
    return { phase: "Failed", status: "False", reason: first.code, message };
  }
  switch (gateway.kind) {
    case "shared":
      return {
        phase: "Ready",
        status: "True",
        reason: "ReconcileSuccess",
        message: `The spec is registered with the shared gateway of LanguageCluster ${namespace}, which manages the model.`,
      };
    case "waiting":
      return {
        phase: "Pending",
        status: "False",
        reason: "Pending",
        message: `There is no LanguageCluster ${namespace}. The model waits 30 s for one, and then gets a gateway of its own.`,
      };
    case "standalone":
      return standaloneReady(gateway, model, ownAddress(input));
  }
}

/** Where clients reach a gateway of its own: without a Service at its pods only, as the finding about it says. */
function ownAddress({ model, findings }: ModelStatusInput): string {
  const { name, namespace = "" } = model.metadata;
  const without = findings.some(
    (finding) => finding.code === "ModelServiceMissing" && isAbout(finding, model),
  );
  return without ? "without a Service" : `http://${name}.${namespace}.svc.cluster.local:8000`;
}

function standaloneReady(
  gateway: Extract<ModelStatusInput["gateway"], { kind: "standalone" }>,
  { metadata }: Resource,
  address: string,
): Ready {
  const failed = gateway.steps.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) {
    const reason = failed.step === "NetworkPolicy" ? "NetworkPolicyError" : "GatewayError";
    return { phase: "Failed", status: "False", reason, message: failed.error };
  }
  const unavailable = notAvailable(gateway.deployment);
  if (unavailable !== undefined) {
    return { phase: "Pending", status: "False", reason: "PodsNotReady", message: unavailable };
  }
  return {
    phase: "Ready",
    status: "True",
    reason: "ReconcileSuccess",
    message: `The model has a gateway of its own, ${address}, because there is no LanguageCluster ${metadata.namespace ?? ""}.`,
  };
}
