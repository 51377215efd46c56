import { cacheSchema } from "../schema/cache.ts";
import { honoured, ignored, needless, rows, type SupportRows } from "./entry.ts";

const served = [
  "ttl",
  "default_in_memory_ttl",
  "default_in_redis_ttl",
  "namespace",
  "mode",
  "supported_call_types",
  "host",
  "port",
  "username",
  "password",
  "url",
  "ssl",
  "redis_startup_nodes",
  "sentinel_nodes",
  "sentinel_password",
  "service_name",
];

const members = Object.keys(cacheSchema.shape);
const patterns = ["s3_*", "gcs_*", "qdrant_*", "azure_*"];

/** Support of `litellm_settings.cache_params`. */
export const cacheSupport: SupportRows = rows("litellm_settings.cache_params", [
  [
    ignored("answers are kept in memory or in Redis; with another type they are not kept", {
      cases: [{ values: ["local", "redis"], entry: honoured() }],
    }),
    ["type"],
  ],
  [honoured(), served],
  [needless("one connection carries everything"), ["max_connections"]],
  [
    needless("it belongs to a kind of cache that is reported by its type"),
    [...members, ...patterns].filter((key) => ![...served, "type", "max_connections"].includes(key)),
  ],
]);
