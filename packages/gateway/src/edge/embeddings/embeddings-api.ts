import { type EmbeddingAnswer, type EmbeddingCall, type Fields, tokenUsage } from "@gatewright/call";
import type { ApiError } from "@gatewright/litellm";
import { textUsage } from "../completions/write-text-completion.ts";
import { extraFields } from "../extra-fields.ts";
import { invalid, missing, optionalNumber, optionalText, reading } from "../field.ts";

/** Reads the body of OpenAI's `POST /v1/embeddings`, with LiteLLM's `input_type`. */
export function readEmbeddingCall(fields: Fields): EmbeddingCall | ApiError {
  return reading(() => callOf(fields));
}

function callOf(fields: Fields): EmbeddingCall {
  const dimensions = optionalNumber(fields["dimensions"], "dimensions");
  const user = optionalText(fields["user"], "user");
  const inputType = optionalText(fields["input_type"], "input_type");
  return {
    kind: "embedding",
    input: readInput(fields["input"]),
    encoding: readEncoding(fields["encoding_format"]),
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(user === undefined ? {} : { user }),
    ...(inputType === undefined ? {} : { inputType }),
    extra: extraFields(fields, known),
  };
}

/** One text or one list of tokens, or a list of either. */
function readInput(value: unknown): EmbeddingCall["input"] {
  if (typeof value === "string") return [value];
  if (value === undefined || value === null) return missing("input");
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  if (list.length === 0) return invalid("input", wanted);
  if (isTokens(list)) return [list];
  return list.map((item, index) => {
    if (typeof item === "string" || (Array.isArray(item) && isTokens(item))) return item;
    return invalid(`input[${index}]`, "a text, or a list of tokens that is not empty");
  });
}

const wanted = "a text, a list of texts, a list of tokens, or a list of such lists";

function isTokens(list: readonly unknown[]): list is readonly number[] {
  return list.length > 0 && list.every((token) => typeof token === "number");
}

function readEncoding(value: unknown): EmbeddingCall["encoding"] {
  if (value === undefined || value === null) return "float";
  return value === "float" || value === "base64" ? value : invalid("encoding_format", "float or base64");
}

const known: ReadonlySet<string> = new Set([
  "model",
  "input",
  "dimensions",
  "encoding_format",
  "user",
  "input_type",
]);

/** How the client gets its vectors. `model`: the name it knows. */
export interface EmbeddingForm {
  readonly model: string;
  readonly encoding: EmbeddingCall["encoding"];
}

/** An answer as OpenAI's list of embeddings, its members in LiteLLM's order (litellm.md §3.8). */
export function writeEmbeddingAnswer(
  { usage, vectors }: EmbeddingAnswer,
  { encoding, model }: EmbeddingForm,
): object {
  return {
    model,
    data: vectors.map((vector, index) => ({
      embedding: encoding === "base64" ? base64Of(vector) : vector,
      index,
      object: "embedding",
    })),
    object: "list",
    // Clients read it without a look whether it is there.
    usage: textUsage(usage ?? tokenUsage(0, 0)),
  };
}

/** The numbers as 32-bit floats, the least significant byte first. */
function base64Of(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
