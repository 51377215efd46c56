import type { IncomingMessage } from "node:http";
import { type ApiError, apiError } from "@gatewright/litellm";
import type { RequestFields } from "../exchange.ts";
import { FormScanner, type TextPart } from "../wire/form-scanner.ts";
import { type Edit, editedPieces } from "../wire/pieces.ts";
import { Upload } from "./upload.ts";

/** What has to change in a form before it goes upstream. */
export interface FormEdits {
  /** New value of `model`. */
  readonly model: string;
  /** Parts to take out, as far as they came before the call. */
  readonly remove: ReadonlySet<string>;
  /** Parts to put in, in front of all others. */
  readonly add: readonly (readonly [name: string, value: string])[];
}

/** A form as a body to be sent. */
export interface FormBody {
  readonly body: Buffer | Upload;
  /** Bytes; undefined when nobody knows. */
  readonly length: number | undefined;
}

/** What a form needs of its exchange. */
export interface FormExchange {
  readonly request: IncomingMessage;
  /** How much of it has come. */
  requestBytes: number;
  fail(error: ApiError): void;
}

/** What a form needs to know. */
export interface FormContext {
  readonly exchange: FormExchange;
  readonly contentType: string;
  readonly boundary: string;
  /** Length of the whole, bytes, where the client has told it. */
  readonly announced: number | undefined;
  /** Longest body, bytes. */
  readonly limit: number;
  /** Why a part of this name is not taken. */
  readonly refusalOf: (name: string) => ApiError | undefined;
}

/**
 * The body of a request that is a form (multipart/form-data). What came before its model was known is received, and
 * sometimes all of it; the rest goes from the client to the upstream, and is looked through on the way, so that no
 * upstream finds another `model` in it.
 */
export class Form {
  readonly contentType: string;
  /** The client's bytes have begun to go upstream without being kept: no other call can have them. */
  spent = false;
  /** Bytes of the texts that were received. */
  textLength = 0;
  readonly #context: FormContext;
  readonly #scanner: FormScanner;
  readonly #texts: TextPart[] = [];
  #modelBegun = false;
  #model: TextPart | undefined;
  #refusal: ApiError | undefined;
  #received: Buffer[] = [];
  #whole = false;

  constructor(context: FormContext) {
    this.#context = context;
    this.contentType = context.contentType;
    this.#scanner = new FormScanner(context.boundary, {
      begins: (name, file) => this.#beginPart(name, file),
      text: (part) => this.#endText(part),
    });
  }

  /** Its model is known. */
  get named(): boolean {
    return this.#model !== undefined;
  }

  /** The texts that were received, as if they were the fields of a JSON body. */
  get fields(): RequestFields {
    const fields = Object.fromEntries(this.#texts.map(({ name, value }) => [name, value]));
    return fields["stream"] === "true" ? { ...fields, stream: true } : fields;
  }

  /** Takes in a piece. Gives the error that the request is to be refused with. */
  receive(chunk: Buffer): ApiError | undefined {
    this.#received.push(chunk);
    return this.#look(chunk);
  }

  /** There is no more to receive. Gives the error when what came is no form. */
  end(): ApiError | undefined {
    this.#whole = true;
    return this.#scanner.closed ? undefined : malformed("it ends before its last delimiter");
  }

  /** As it goes upstream; undefined once it is spent. */
  edited(edits: FormEdits): FormBody | undefined {
    if (this.spent) return undefined;
    const all = this.#all(edits);
    if (this.#whole) {
      const body = Buffer.concat(editedPieces(this.#received, all));
      return { body, length: body.length };
    }
    const { announced, exchange } = this.#context;
    const added = all.reduce((sum, { start, end, bytes }) => sum + bytes.length - (end - start), 0);
    const body = new Upload({
      request: exchange.request,
      begin: () => {
        this.spent = true;
        const pieces = editedPieces(this.#received, all);
        this.#received = [];
        return pieces;
      },
      pass: (chunk) => {
        const error = this.#look(chunk);
        if (error !== undefined) exchange.fail(error);
        return error === undefined;
      },
    });
    return { body, length: announced === undefined ? undefined : announced + added };
  }

  #look(chunk: Buffer): ApiError | undefined {
    const { exchange, limit } = this.#context;
    exchange.requestBytes += chunk.length;
    if (exchange.requestBytes > limit) return apiError("body_too_large", { limit });
    this.#scanner.push(chunk);
    const { failure } = this.#scanner;
    return this.#refusal ?? (failure === undefined ? undefined : malformed(failure));
  }

  #beginPart(name: string, file: boolean): void {
    this.#refusal ??= this.#context.refusalOf(name);
    if (name !== "model") return;
    if (file || this.#modelBegun)
      this.#refusal ??= apiError("field_invalid", { field: "model", wanted: "one text" });
    this.#modelBegun = true;
  }

  #endText(part: TextPart): void {
    if (this.spent) return;
    this.#texts.push(part);
    this.textLength += part.valueEnd - part.valueStart;
    if (part.name === "model") this.#model = part;
  }

  #all({ model, remove, add }: FormEdits): readonly Edit[] {
    const parts = this.#model === undefined ? [["model", model] as const, ...add] : add;
    const start = this.#scanner.firstDelimiter;
    const edits: Edit[] = [];
    if (parts.length > 0) edits.push({ start, end: start, bytes: this.#written(parts) });
    for (const text of this.#texts) {
      if (text === this.#model) {
        if (text.value !== model)
          edits.push({ start: text.valueStart, end: text.valueEnd, bytes: Buffer.from(model) });
      } else if (remove.has(text.name)) {
        edits.push({ start: text.start, end: text.end, bytes: nothing });
      }
    }
    return edits;
  }

  #written(parts: FormEdits["add"]): Buffer {
    const { boundary } = this.#context;
    const text = parts.map(
      ([name, value]) =>
        `--${boundary}\r\ncontent-disposition: form-data; name="${escaped(name)}"\r\n\r\n${value}\r\n`,
    );
    return Buffer.from(text.join(""));
  }
}

/** As browsers write names (HTML, "multipart/form-data encoding algorithm"). */
function escaped(name: string): string {
  return name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function malformed(why: string): ApiError {
  return apiError("field_invalid", { field: "request_body", wanted: `a form (multipart/form-data): ${why}` });
}

const nothing = Buffer.alloc(0);
