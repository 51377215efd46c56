/**
 * What `gatewright.requires` may name. A document that cannot be served without something older gateways lack names
 * it, and they keep the last document they understand. Nothing needs that yet.
 */
export const features: readonly string[] = [];
