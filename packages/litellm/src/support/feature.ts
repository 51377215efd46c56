/**
 * What `gatewright.requires` may name. A document that cannot be served without something older gateways lack names
 * it, and they keep the last document they understand.
 * - `agent-limits`: `gatewright.limits[].agent`. Who does not know the key takes the limit for one of the whole gateway.
 */
export const features = ["agent-limits"] as const;

export type Feature = (typeof features)[number];
