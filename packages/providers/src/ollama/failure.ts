import type { CallFailure, Fields } from "@gatewright/call";
import { fieldsIn, parsedJson, textIn } from "../fields-in.ts";

/** Ollama has no codes for it, only words, and sends it with status 400 or 500. */
const TOO_LONG =
  /exceed(?:s|ed)? (?:the |its )?(?:max(?:imum)? |available |model's )?context (?:length|window|size)|prompt (?:is )?too long/i;

/** Reads an error answer: `{"error": "model 'llama3.2' not found"}`. */
export function readOllamaFailure(status: number, text: string): CallFailure {
  return failure(status, messageIn(fieldsIn(parsedJson(text))) ?? text.trim());
}

/** Reads an error that came where an answer, or the rest of one, was expected. */
export function failureInAnswer(value: Fields): CallFailure {
  return failure(500, messageIn(value) ?? "");
}

/** Proxies in front of Ollama write errors in OpenAI's form. */
function messageIn(value: Fields | undefined): string | undefined {
  const error = value?.["error"];
  return textIn(error) ?? textIn(fieldsIn(error)?.["message"]);
}

function failure(status: number, text: string): CallFailure {
  const message = text === "" ? "Ollama gave no reason" : text;
  return (status === 400 || status === 500) && TOO_LONG.test(message)
    ? { status: 400, message, kind: "context-window" }
    : { status, message };
}
