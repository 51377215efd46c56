export { createOperatorLogger } from "./logger.ts";
export type { OperatorOptions } from "./options.ts";
export { type RunningOperator, startOperator } from "./start-operator.ts";
