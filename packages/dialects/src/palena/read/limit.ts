import type { Limit } from "@gatewright/plan";
import { originOf } from "../../resource.ts";
import type { Found, Instance } from "./instance.ts";
import { present } from "./present.ts";

/** Limits of the gateway as a whole (palena.md §2.3: generalSettings, security.ipAllowlist). */
export function* readLimits(instance: Instance): Found {
  const { generalSettings, security } = instance.spec;
  yield* limit(instance, "spec.generalSettings.globalMaxParallelRequests", {
    parallelRequests: generalSettings?.globalMaxParallelRequests,
  });
  const allowlist = security?.ipAllowlist;
  if (allowlist?.enabled !== true) return;
  yield* limit(instance, "spec.security.ipAllowlist", {
    requestSizeMegabytes: allowlist.maxRequestSizeMB,
    responseSizeMegabytes: allowlist.maxResponseSizeMB,
  });
}

function* limit(
  { resource }: Instance,
  path: string,
  members: { readonly [K in keyof Omit<Limit, "origin" | "scope">]?: Limit[K] | undefined },
): Found {
  const value = present(members);
  if (Object.keys(value).length === 0) return;
  yield {
    concern: "limit",
    value: { origin: originOf(resource, path), scope: { kind: "gateway" }, ...value },
  };
}
