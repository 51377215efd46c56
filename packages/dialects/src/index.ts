export type { Dialect, Gateway, Reading, ReadOptions, World } from "./dialect.ts";
export type { Kind, PrinterColumn } from "./kind.ts";
export { originOf, type Resource } from "./resource.ts";
