import type { Fallback, Finding, PassThrough, SecretReference } from "@gatewright/plan";
import type { InstanceSpec } from "../kinds/instance.ts";
import { type Found, type Instance, setting } from "./instance.ts";
import { present } from "./present.ts";
import { readRetryPolicy } from "./retry-policy.ts";
import { passThroughVariable, referenceTo, secretTrouble } from "./secret.ts";

/** routerSettings, fallbacks and passThroughEndpoints (palena.md §2.3). */
export function* readRoute(instance: Instance): Found {
  const { routerSettings: router = {}, fallbacks } = instance.spec;
  const tagFiltering = router.enableTagFiltering === true ? true : undefined;
  yield* setting(instance, "route", {
    strategy: router.routingStrategy,
    retries: router.numRetries,
    retryAfterSeconds: router.retryAfter,
    timeoutSeconds: router.timeout,
    streamTimeoutSeconds: router.streamTimeout,
    allowedFails: router.allowedFails,
    cooldownSeconds: router.cooldownTime,
    preCallChecks: router.enablePreCallChecks,
    tagFiltering,
    // LiteLLM's own default is "any"; the dialect's users are promised "all" (decisions.md).
    tagMatchAny: router.tagFilteringMatchAny ?? (tagFiltering ? false : undefined),
    defaultParallelRequests: router.defaultMaxParallelRequests,
    aliases: router.modelGroupAlias,
    ...(yield* readRetries(instance)),
    fallbacks: [
      ...chains("error", fallbacks?.modelFallbacks),
      ...chains("content-policy", fallbacks?.contentPolicyFallbacks),
      ...chains("context-window", fallbacks?.contextWindowFallbacks),
    ],
    defaultFallbacks: fallbacks?.defaultFallbacks,
    maxFallbacks: fallbacks?.maxFallbacks,
    passThrough: yield* readPassThrough(instance),
  });
}

interface Retries {
  readonly retryPolicy: { readonly [key: string]: number };
  readonly groupRetryPolicy: { readonly [model: string]: { readonly [key: string]: number } };
}

function* readRetries({ resource, spec }: Instance): Generator<Finding, Retries> {
  const { retryPolicy, modelGroupRetryPolicy = {} } = spec.routerSettings ?? {};
  const all = readRetryPolicy(resource, "spec.routerSettings.retryPolicy", retryPolicy);
  yield* all.findings;
  const groups: [string, { readonly [key: string]: number }][] = [];
  for (const [model, written] of Object.entries(modelGroupRetryPolicy)) {
    const path = `spec.routerSettings.modelGroupRetryPolicy[${model}]`;
    const { policy, findings } = readRetryPolicy(resource, path, written);
    yield* findings;
    if (Object.keys(policy).length > 0) groups.push([model, policy]);
  }
  return { retryPolicy: all.policy, groupRetryPolicy: Object.fromEntries(groups) };
}

function chains(
  when: Fallback["when"],
  written: readonly { readonly model: string; readonly fallbacks: readonly string[] }[] = [],
): readonly Fallback[] {
  return written.map(({ model, fallbacks }) => ({ when, model, fallbacks }));
}

type Endpoint = NonNullable<InstanceSpec["passThroughEndpoints"]>[number];

function* readPassThrough(instance: Instance): Generator<Finding, readonly PassThrough[]> {
  const endpoints: PassThrough[] = [];
  for (const [index, endpoint] of (instance.spec.passThroughEndpoints ?? []).entries()) {
    const { secretHeaders, troubles } = readSecretHeaders(instance, endpoint, index);
    yield* troubles;
    // Without its key the target would refuse every request, or worse, serve them as somebody else.
    if (troubles.length > 0) continue;
    const { path, target } = endpoint;
    endpoints.push({
      path,
      target,
      ...present({
        auth: endpoint.auth,
        forwardHeaders: endpoint.forwardHeaders,
        includeSubpath: endpoint.includeSubpath,
        methods: endpoint.methods,
        headers: endpoint.headers,
        secretHeaders,
        queryParameters: endpoint.defaultQueryParams,
      }),
    });
  }
  return endpoints;
}

function readSecretHeaders(
  instance: Instance,
  { path, headerSecrets = [] }: Endpoint,
  index: number,
): {
  readonly secretHeaders: NonNullable<PassThrough["secretHeaders"]>;
  readonly troubles: readonly Finding[];
} {
  const secretHeaders: Record<string, { prefix: string; secret: SecretReference }> = {};
  const troubles: Finding[] = [];
  for (const [position, { headerName, prefix = "", secretRef }] of headerSecrets.entries()) {
    const secret = referenceTo(instance.namespace, passThroughVariable(path, headerName), secretRef);
    const trouble = secretTrouble(instance, secret, {
      resource: instance.resource,
      path: `spec.passThroughEndpoints[${index}].headerSecrets[${position}].secretRef`,
      effect: "blocked",
      consequence: `The endpoint ${path} is left out until then.`,
    });
    if (trouble !== undefined) troubles.push(trouble);
    secretHeaders[headerName] = { prefix, secret };
  }
  return { secretHeaders, troubles };
}
