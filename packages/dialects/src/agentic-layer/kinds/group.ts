/** API group of every kind of this dialect. */
export const group = "runtime.agentic-layer.ai";
