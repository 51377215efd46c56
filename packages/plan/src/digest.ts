import { createHash } from "node:crypto";
import type { GatewayPlan } from "./gateway.ts";
import { canonicalText } from "./json.ts";

/** SHA-256 of the plan's canonical text, 64 hexadecimal characters. Equal plans, and only they, share it. */
export function planDigest(plan: GatewayPlan): string {
  return createHash("sha256").update(canonicalText(plan)).digest("hex");
}
