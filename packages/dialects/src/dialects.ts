import type { Dialect } from "./dialect.ts";

/** Every dialect Gatewright reads. */
export const dialects: readonly Dialect[] = [];
