import { originText } from "@gatewright/plan";
import { originOf } from "../../resource.ts";
import type { Found, Instance } from "./instance.ts";

/** The name under which guardrails can be done without (`gatewright.dev/allow-unsupported`). */
const allowance = "guardrails";

/**
 * LiteLLMGuardrails protect, and nothing here runs them yet: whatever the engine, the gateway is not served, unless
 * its annotation accepts to go without.
 */
export function* readGuards(instance: Instance): Found {
  for (const resource of instance.guardrails) {
    const origin = originOf(resource);
    const text = `${originText(origin)} is a guardrail, which this version cannot run yet`;
    yield instance.allowUnsupported.includes(allowance)
      ? { code: "KindNotServed", effect: "dropped", origin, text: `${text}. Requests are not checked by it.` }
      : {
          code: "KindNotServed",
          effect: "blocked",
          origin: instance.origin,
          text: `${text}, so the gateway is not served rather than left unprotected. Remove it, or accept that with the annotation gatewright.dev/allow-unsupported: ${allowance}.`,
        };
  }
}
