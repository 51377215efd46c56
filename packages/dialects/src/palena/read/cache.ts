import type { Finding, Json, JsonObject, SecretReference } from "@gatewright/plan";
import { type Found, type Instance, setting } from "./instance.ts";
import { present } from "./present.ts";
import { redisReferences } from "./redis.ts";
import { referenceTo, secretTrouble } from "./secret.ts";

/** `cache_params` of one backend, and the secrets it names. */
interface Backend {
  readonly parameters: { readonly [key: string]: Json | undefined };
  readonly secrets: readonly SecretReference[];
}

/** Below this similarity a semantic cache must not answer. LiteLLM has no default and refuses to start without one. */
const similarityThreshold = 0.8;

/**
 * The response cache (palena.md §2.3, "Cache backends"). Names are those LiteLLM reads: `qdrant-semantic`, and
 * `gcs_*` for Google's storage (§6.2 B10).
 */
export function* readCache(instance: Instance): Found {
  const { caching } = instance.spec;
  if (caching?.enabled !== true) return;
  const { parameters, secrets } = backendOf(instance, caching);
  const troubles = secrets
    .map((secret) =>
      secretTrouble(instance, secret, {
        resource: instance.resource,
        path: `spec.caching`,
        effect: "dropped",
        consequence: "Nothing is cached until it is there.",
      }),
    )
    .filter((trouble): trouble is Finding => trouble !== undefined);
  yield* troubles;
  if (troubles.length > 0) return;
  yield* setting(instance, "cache", {
    enabled: true,
    parameters: present({
      type: caching.type === "qdrant" ? "qdrant-semantic" : caching.type,
      ttl: caching.ttl,
      namespace: caching.namespace,
      supported_call_types: caching.supportedCallTypes,
      mode: caching.mode === "default_off" ? caching.mode : undefined,
      ...parameters,
    }) as JsonObject,
  });
  // Redis without a block of its own comes with the instance's variables, see readWorkload.
  const own = secrets.filter(({ variable }) => variable.startsWith("CACHE_"));
  yield* setting(instance, "workload", { secretVariables: own });
}

function backendOf(instance: Instance, caching: NonNullable<Instance["spec"]["caching"]>): Backend {
  const reference = (variable: string, secret: { name: string; key: string } | undefined) =>
    secret === undefined ? undefined : referenceTo(instance.namespace, variable, secret);
  switch (caching.type) {
    case "local":
      return { parameters: {}, secrets: [] };
    case "redis":
    case "redis-semantic":
      return redisBackend(instance, caching);
    case "s3": {
      const secret = caching.s3?.credentialsSecretRef;
      const id = reference(
        "CACHE_S3_ACCESS_KEY_ID",
        secret && { name: secret.name, key: "aws_access_key_id" },
      );
      const key = reference(
        "CACHE_S3_SECRET_ACCESS_KEY",
        secret && { name: secret.name, key: "aws_secret_access_key" },
      );
      return {
        parameters: {
          s3_bucket_name: caching.s3?.bucketName,
          s3_region_name: caching.s3?.region,
          s3_aws_access_key_id: environmentReference(id),
          s3_aws_secret_access_key: environmentReference(key),
        },
        secrets: listed(id, key),
      };
    }
    case "gcs": {
      const account = reference("CACHE_GCS_SERVICE_ACCOUNT_JSON", caching.gcs?.credentialsSecretRef);
      return {
        parameters: {
          gcs_bucket_name: caching.gcs?.bucketName,
          gcs_path_service_account: environmentReference(account),
        },
        secrets: listed(account),
      };
    }
    case "qdrant": {
      const key = reference("CACHE_QDRANT_API_KEY", caching.qdrant?.apiKeySecretRef);
      return {
        parameters: {
          qdrant_url: caching.qdrant?.url,
          qdrant_api_key: environmentReference(key),
          qdrant_collection_name: caching.qdrant?.collectionName,
          qdrant_semantic_cache_embedding_model: "text-embedding-ada-002",
          similarity_threshold: similarityThreshold,
        },
        secrets: listed(key),
      };
    }
  }
}

function redisBackend(instance: Instance, caching: NonNullable<Instance["spec"]["caching"]>): Backend {
  const semantic = caching.type === "redis-semantic" ? { similarity_threshold: similarityThreshold } : {};
  const own = caching.redis;
  if (own !== undefined) {
    const password =
      own.passwordSecretRef && referenceTo(instance.namespace, "CACHE_REDIS_PASSWORD", own.passwordSecretRef);
    return {
      parameters: {
        host: own.host,
        port: own.port,
        password: environmentReference(password),
        ssl: own.ssl,
        ...semantic,
      },
      secrets: listed(password),
    };
  }
  const { redis } = instance.spec;
  const { url, password } = redisReferences(instance);
  // With a connection Secret the address is in REDIS_URL, which LiteLLM takes from its environment.
  if (redis?.enabled !== true || url !== undefined) return { parameters: semantic, secrets: listed(url) };
  return {
    parameters: {
      host: redis.host,
      port: redis.port,
      password: environmentReference(password),
      ...semantic,
    },
    secrets: listed(password),
  };
}

function environmentReference(secret: SecretReference | undefined): string | undefined {
  return secret && `os.environ/${secret.variable}`;
}

function listed(...secrets: readonly (SecretReference | undefined)[]): readonly SecretReference[] {
  return secrets.filter((secret) => secret !== undefined);
}
