import { agenticLayer } from "./agentic-layer/agentic-layer.ts";
import type { Dialect } from "./dialect.ts";
import { langop } from "./langop/langop.ts";
import { palena } from "./palena/palena.ts";

/** Every dialect Gatewright reads. */
export const dialects: readonly Dialect[] = [agenticLayer, langop, palena];
