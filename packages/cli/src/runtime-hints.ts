import { dirname, join } from "node:path";
import { readText } from "./config-file.ts";

/** What a gateway may know of its surroundings beside its document (design.md, "a second key of the ConfigMap"). */
export interface RuntimeHints {
  /** Replicas that serve the same document, this one included. */
  readonly replicas: number;
  /** Where that stands; it may come later. */
  readonly path: string;
}

/**
 * The operator's hints beside a document: `runtime.json`. They are outside its digest, and no document is refused for
 * them: what is not there or cannot be read means one replica.
 */
export function runtimeHints(documentPath: string): RuntimeHints {
  const path = join(dirname(documentPath), "runtime.json");
  return { replicas: replicasIn(readText(path)), path };
}

function replicasIn(text: string | undefined): number {
  try {
    const { replicas } = JSON.parse(text ?? "{}") as { readonly replicas?: unknown };
    return typeof replicas === "number" && Number.isInteger(replicas) && replicas >= 1 ? replicas : 1;
  } catch {
    return 1;
  }
}
