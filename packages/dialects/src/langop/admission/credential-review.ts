import type { AgentCredential } from "../kinds/agent-port.ts";
import { nameText } from "./environment-review.ts";
import { isDataKey, isDnsName } from "./kubernetes-name.ts";
import type { Review } from "./review.ts";

/** Credentials of an agent or runtime (langop.md §2.1). */
export function reviewCredentials(credentials: readonly AgentCredential[], review: Review): void {
  const names = new Set<string>();
  for (const [index, { name, value, valueFrom }] of credentials.entries()) {
    const at = review.within(index);
    if (names.has(name)) {
      const text = "is the name of a credential before it, and a variable has one value. Remove one of them.";
      at.refuse(["name"], "CredentialRepeated", text);
    }
    names.add(name);
    if (value !== undefined && valueFrom !== undefined) {
      at.refuse([], "CredentialAmbiguous", "has both value and valueFrom. Remove one of them.");
    }
    if (value === undefined && valueFrom === undefined) {
      // Not refused: runtimes of the replaced operator, which made up a value for such a credential, would not apply.
      const text = "has neither value nor valueFrom, so the variable is not set. Name a Secret in valueFrom.";
      at.warn([], "CredentialEmpty", text);
    }
    if (value !== undefined && value !== "") {
      const text =
        "is in clear text, which everybody who may read the resource can see. Put it into a Secret and name that in valueFrom.";
      at.warn(["value"], "CredentialInClear", text);
    }
    if (valueFrom === undefined) continue;
    if (!isDnsName(valueFrom.name)) at.refuse(["valueFrom", "name"], "NameInvalid", nameText);
    if (valueFrom.key !== undefined && !isDataKey(valueFrom.key)) {
      const text = 'can be no key of a Secret: use at most 253 letters, digits, "-", "_" and ".".';
      at.refuse(["valueFrom", "key"], "KeyInvalid", text);
    }
  }
}
