import type { Readable } from "node:stream";
import type { CallListener } from "../route/call-listener.ts";
import type { AnswerForm } from "./answer-form.ts";

/** A request as it goes upstream, and how its answer is read. */
export interface UpstreamCall {
  readonly path: string;
  /** A stream can be sent once only. */
  readonly body: Buffer | Readable;
  /** Flat list of names and values that stand for the deployment's content type. */
  readonly contentHeaders?: readonly string[];
  readonly form: AnswerForm;
}

/** Who makes calls, and hears of them. */
export interface CallMaker extends CallListener {
  /** A defect: something threw where nothing should. */
  crashed(error: unknown): void;
}
