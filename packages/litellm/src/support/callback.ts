import { honoured, ignored, refused, type SupportEntry } from "./entry.ts";

/**
 * Names of integrations that refuse requests rather than watch them: limiters, guards (litellm.md §2.5) and whatever a
 * dotted path leads to, which may do anything.
 */
const enforcing =
  /\.|limit|guard|moderation|injection|secret|presidio|lakera|aporia|budget|banned|blocked|safety|cache_control/i;

/** A list of integrations: some are served, some only watch and are missed, some enforce. */
export const callbackSupport: SupportEntry = ignored("this integration is not there yet", {
  cases: [
    { values: ["prometheus"], entry: honoured("`/metrics` is always served") },
    { values: ["otel"], entry: honoured("traces go out by OTLP over HTTP, where OTEL_* variables say so") },
    {
      values: enforcing,
      entry: refused("it may enforce something, and the native engine does not have it yet"),
    },
  ],
});
