import type { Failure } from "./failure.ts";

/** Who hears how a call to a deployment goes. Exactly one of `succeeded`, `failed` and `abandoned` ends it. */
export interface CallListener {
  /** The answer is about to reach the client, so no other deployment can be asked any more. */
  answering(): void;
  /** The client has the whole answer. */
  succeeded(): void;
  /** Before `answering` another attempt may follow; after it the client is told what is left to tell. */
  failed(failure: Failure): void;
  /** The client has gone. */
  abandoned(): void;
}
