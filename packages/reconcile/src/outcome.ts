/** How one pass of a controller over one key ended. */
export type Outcome =
  /** The world is as wanted. */
  | { readonly kind: "done" }
  /** Nothing failed, but something is not there yet that no watch will report; looked at again after the time. */
  | { readonly kind: "wait"; readonly reason: string; readonly afterSeconds: number }
  /** Cannot go on until one of the sources changes; no retry would help. */
  | { readonly kind: "stalled"; readonly reason: string }
  /** Failed; tried again with growing pauses. A thrown error means the same. */
  | { readonly kind: "retry"; readonly error: unknown };

export const done: Outcome = { kind: "done" };

export function wait(reason: string, afterSeconds: number): Outcome {
  return { kind: "wait", reason, afterSeconds };
}

export function stalled(reason: string): Outcome {
  return { kind: "stalled", reason };
}

export function retry(error: unknown): Outcome {
  return { kind: "retry", error };
}
