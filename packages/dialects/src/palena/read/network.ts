import { type Found, type Instance, setting } from "./instance.ts";

/** Who may reach the gateway (palena.md §2.3, security.ipAllowlist). */
export function* readNetwork(instance: Instance): Found {
  const allowlist = instance.spec.security?.ipAllowlist;
  if (allowlist?.enabled !== true) return;
  yield* setting(instance, "network", {
    allowedAddresses: allowlist.allowedIPs,
    trustForwardedFor: allowlist.useXForwardedFor === true ? true : undefined,
  });
}
