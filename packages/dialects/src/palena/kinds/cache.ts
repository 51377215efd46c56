import * as z from "zod";
import { secretKeyRef } from "./reference.ts";

/** `spec.caching` (palena.md §2.3, "Cache backends"). */
export const caching = z
  .strictObject({
    enabled: z.boolean().describe("Answer equal requests from a cache."),
    type: z
      .enum(["redis", "s3", "gcs", "local", "qdrant", "redis-semantic"])
      .default("redis")
      .describe("Where answers are kept."),
    ttl: z.int().min(0).default(600).describe("Seconds that an answer is kept."),
    namespace: z.string().optional().describe("Prefix of the keys."),
    supportedCallTypes: z
      .array(z.string())
      .optional()
      .describe("Calls that are cached, by LiteLLM's names, for example acompletion."),
    mode: z
      .enum(["default_on", "default_off"])
      .default("default_on")
      .describe("Cache always, or only when a request asks for it."),
    redis: z
      .strictObject({
        host: z.string().optional().describe("Host name."),
        port: z.int().min(1).max(65_535).optional().describe("Port."),
        passwordSecretRef: secretKeyRef.optional().describe("Password."),
        ssl: z.boolean().optional().describe("Connect by TLS."),
      })
      .optional()
      .describe("Redis of the cache. Default: spec.redis."),
    s3: z
      .strictObject({
        bucketName: z.string().min(1).describe("Bucket."),
        region: z.string().optional().describe("Region."),
        credentialsSecretRef: secretKeyRef
          .optional()
          .describe("Secret with the keys aws_access_key_id and aws_secret_access_key; `key` is not used."),
      })
      .optional()
      .describe("Amazon S3."),
    gcs: z
      .strictObject({
        bucketName: z.string().min(1).describe("Bucket."),
        credentialsSecretRef: secretKeyRef.optional().describe("Service account, as JSON."),
      })
      .optional()
      .describe("Google Cloud Storage."),
    qdrant: z
      .strictObject({
        url: z.string().min(1).describe("Address of Qdrant."),
        apiKeySecretRef: secretKeyRef.optional().describe("API key."),
        collectionName: z.string().optional().describe("Collection."),
      })
      .optional()
      .describe("Qdrant, for answers to similar requests."),
  })
  .describe("The response cache.");
