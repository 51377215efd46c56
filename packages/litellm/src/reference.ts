import type { SecretReference } from "@gatewright/plan";

/** How a document refers to a secret: `os.environ/<variable>` (litellm.md §2). */
export function referenceTo(secret: SecretReference): string {
  return `os.environ/${secret.variable}`;
}
