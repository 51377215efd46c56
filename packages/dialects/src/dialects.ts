import { agenticLayer } from "./agentic-layer/agentic-layer.ts";
import type { Dialect } from "./dialect.ts";
import { langop } from "./langop/langop.ts";

/** Every dialect Gatewright reads. */
export const dialects: readonly Dialect[] = [langop];
