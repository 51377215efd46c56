import type { Finding, Model, ModelInformation, SecretReference } from "@gatewright/plan";
import { originOf } from "../../resource.ts";
import { numberOf } from "../kinds/amount.ts";
import type { ModelSpec } from "../kinds/model.ts";
import { type CredentialReading, credentialsOf } from "./credential.ts";
import { type Found, fieldFinding, type Instance, type Member } from "./instance.ts";
import { present } from "./present.ts";
import { modelKeyVariable, modelVertexVariable, referenceTo, secretTrouble } from "./secret.ts";

/** Every LiteLLMModel of the instance, for the management API (palena.md §1.2, §3). One bad model excludes itself. */
export function* readModels(instance: Instance): Found {
  const credentials = credentialsOf(instance);
  for (const member of instance.models) {
    const { access, findings } = accessOf(instance, member, credentials);
    yield* findings;
    if (access !== undefined) yield { concern: "model", value: modelOf(member, access) };
  }
}

/** How a model identifies itself to its upstream, and where that is. */
type Access = Pick<Model, "apiKey" | "credential" | "endpoint" | "secrets">;

interface AccessReading {
  /** Absent: the model is left out. */
  readonly access?: Access;
  readonly findings: readonly Finding[];
}

function accessOf(
  instance: Instance,
  { resource, spec }: Member<ModelSpec>,
  credentials: ReadonlyMap<string, CredentialReading>,
): AccessReading {
  const { litellmParams: parameters } = spec;
  const { name } = resource.metadata;
  const findings: Finding[] = [];

  const reference = (field: "apiKeySecretRef" | "vertexCredentialsSecretRef", variable: string) => {
    const written = parameters[field];
    if (written === undefined) return undefined;
    const secret: SecretReference = referenceTo(instance.namespace, variable, written);
    const trouble = secretTrouble(instance, secret, {
      resource,
      path: `spec.litellmParams.${field}`,
      effect: "blocked",
      consequence: "Only this model is left out until then.",
    });
    if (trouble !== undefined) findings.push(trouble);
    return secret;
  };

  const vertex = reference("vertexCredentialsSecretRef", modelVertexVariable(name));
  const secrets = vertex && { vertex_credentials: vertex };
  if (parameters.credentialRef === undefined) {
    const apiKey = reference("apiKeySecretRef", modelKeyVariable(name));
    const access = present({ apiKey, endpoint: parameters.apiBase, secrets });
    return findings.length > 0 ? { findings } : { access, findings };
  }
  const credential = sharedCredential(resource, parameters.credentialRef.name, credentials, findings);
  if (findings.length > 0 || credential === undefined) return { findings };
  for (const field of ["apiKeySecretRef", "apiBase"] as const) {
    if (parameters[field] === undefined) continue;
    const text = "has no effect, because credentialRef is there as well and wins. Remove one of them.";
    findings.push(fieldFinding(resource, `spec.litellmParams.${field}`, "CredentialWins", "dropped", text));
  }
  return { access: present({ credential, secrets }), findings };
}

/** The name of the credential in the gateway; without it, the reason is among the findings. */
function sharedCredential(
  resource: Member<ModelSpec>["resource"],
  name: string,
  credentials: ReadonlyMap<string, CredentialReading>,
  findings: Finding[],
): string | undefined {
  const reading = credentials.get(name);
  if (reading?.credential !== undefined) return reading.credential.name;
  const path = "spec.litellmParams.credentialRef";
  if (reading === undefined) {
    const known = [...credentials.keys()];
    const has =
      known.length === 0 ? "this gateway has none" : `this gateway has ${known.slice(0, 10).join(", ")}`;
    const text = `names the LiteLLMCredential ${name}, which does not exist here or belongs to another instance (${has}). Only this model is left out until then.`;
    findings.push(fieldFinding(resource, path, "CredentialNotFound", "blocked", text));
    return undefined;
  }
  // The credential's own trouble names the Secret and key; it is repeated where the user of the model looks for it.
  for (const { code, text: cause } of reading.findings) {
    const text = `names the LiteLLMCredential ${name}, which cannot be used: ${cause}`;
    findings.push(fieldFinding(resource, path, code, "blocked", text));
  }
  return undefined;
}

function modelOf({ resource, spec }: Member<ModelSpec>, access: Access): Model {
  const { litellmParams: parameters } = spec;
  const rate = present({ requestsPerMinute: parameters.rpm, tokensPerMinute: parameters.tpm });
  return {
    origin: originOf(resource),
    name: spec.modelName,
    model: parameters.model,
    delivery: "admin",
    ...access,
    ...present({
      apiVersion: parameters.apiVersion,
      organization: parameters.organization,
      region: parameters.awsRegionName,
      project: parameters.vertexProject,
      location: parameters.vertexLocation,
      timeoutSeconds: parameters.timeout,
      streamTimeoutSeconds: parameters.streamTimeout,
      retries: parameters.maxRetries,
      weight: parameters.weight,
      order: parameters.order,
      rate: Object.keys(rate).length === 0 ? undefined : { ...rate, placement: "parameters" as const },
      tags: spec.tags,
      headers: parameters.extraHeaders,
      dropParameters: parameters.dropParams,
      defaults: present({
        maxTokens: parameters.maxTokens,
        temperature: optionalNumber(parameters.temperature),
        topP: optionalNumber(parameters.topP),
        seed: parameters.seed,
      }),
      information: informationOf(spec),
    }),
  };
}

/** `model_info`, with the longest input, which LiteLLM reads there although the dialect has it beside the parameters. */
function informationOf({ modelInfo: information = {}, litellmParams }: ModelSpec): ModelInformation {
  const check = information.healthCheck;
  return present({
    mode: information.mode,
    baseModel: information.baseModel,
    tier: information.tier,
    regionName: information.regionName,
    maxTokens: information.maxTokens,
    maxInputTokens: litellmParams.maxInputTokens,
    accessGroups: information.accessGroups,
    supportedEnvironments: information.supportedEnvironments,
    passThrough: information.useInPassThrough,
    inputCostPerToken: optionalNumber(information.inputCostPerToken),
    outputCostPerToken: optionalNumber(information.outputCostPerToken),
    inputCostPerPixel: optionalNumber(information.inputCostPerPixel),
    inputCostPerSecond: optionalNumber(information.inputCostPerSecond),
    cacheReadInputTokenCost: optionalNumber(information.cacheReadInputTokenCost),
    cacheCreationInputTokenCost: optionalNumber(information.cacheCreationInputTokenCost),
    healthCheck:
      check &&
      present({
        disable_background_health_check: check.disableBackgroundHealthCheck,
        health_check_timeout: check.timeoutSeconds,
        health_check_max_tokens: check.maxTokens,
        health_check_max_tokens_reasoning: check.maxTokensReasoning,
        health_check_max_tokens_non_reasoning: check.maxTokensNonReasoning,
        health_check_reasoning_effort: check.reasoningEffort,
        health_check_voice: check.voice,
        health_check_model: check.model,
      }),
  });
}

function optionalNumber(value: string | number | undefined): number | undefined {
  return value === undefined ? undefined : numberOf(value);
}
