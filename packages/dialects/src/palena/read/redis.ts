import type { SecretReference } from "@gatewright/plan";
import type { Instance } from "./instance.ts";
import { referenceTo } from "./secret.ts";

/**
 * The secrets of `spec.redis`: a connection URL, else a password (palena.md §2.4). Never both: LiteLLM takes the URL
 * first, and one without the password would lock the gateway out (§6.2 B9).
 */
export function redisReferences({ spec, namespace }: Instance): {
  readonly url?: SecretReference;
  readonly password?: SecretReference;
} {
  const { redis } = spec;
  if (redis?.enabled !== true) return {};
  if (redis.connectionSecretRef !== undefined) {
    return { url: referenceTo(namespace, "REDIS_URL", redis.connectionSecretRef) };
  }
  if (redis.passwordSecretRef === undefined) return {};
  return { password: referenceTo(namespace, "REDIS_PASSWORD", redis.passwordSecretRef) };
}
