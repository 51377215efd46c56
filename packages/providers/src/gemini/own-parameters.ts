import type { ChatCall, Fields } from "@gatewright/call";
import { fieldsIn } from "../fields-in.ts";

/** Members of a request that clients may give beside OpenAI's parameters, as LiteLLM takes them. */
const bodyMembers: ReadonlySet<string> = new Set([
  "safetySettings",
  "cachedContent",
  "labels",
  "modelArmorConfig",
]);

/** The same inside of `generationConfig`. */
const generationMembers: ReadonlySet<string> = new Set([
  "responseMimeType",
  "responseSchema",
  "responseJsonSchema",
  "responseModalities",
  "mediaResolution",
  "speechConfig",
  "imageConfig",
  "thinkingConfig",
  "audioTimestamp",
  "audioTranscriptionConfig",
  "routingConfig",
  "modelConfig",
  "enableEnhancedCivicAnswers",
]);

/** Parameters of a call that are Gemini's own, by their place in the request. */
export interface OwnParameters {
  readonly body: Fields;
  readonly generation: Fields;
  readonly toolConfig: Fields | undefined;
  /** Names of those that were left out. */
  readonly ignored: readonly string[];
}

/**
 * Finds them under Gemini's names and in Python's spelling (`safety_settings`). Anything else is sent as it is for a
 * client of chat completions, where it can only be meant for the upstream; of other APIs it is that API's own.
 */
export function ownParameters({ extra, from }: ChatCall, dropUnknown: boolean): OwnParameters {
  const body: Record<string, unknown> = {};
  const generation: Record<string, unknown> = {};
  const ignored: string[] = [];
  let toolConfig: Fields | undefined;
  for (const given in extra) {
    const value = extra[given];
    const name = camelCase(given);
    if (bodyMembers.has(name)) body[name] = value;
    else if (generationMembers.has(name)) generation[name] = value;
    else if (name === "generationConfig") Object.assign(generation, fieldsIn(value));
    else if (name === "toolConfig") toolConfig = fieldsIn(value);
    else if (dropUnknown || from !== "openai") ignored.push(given);
    else body[given] = value;
  }
  return { body, generation, toolConfig, ignored };
}

export function camelCase(name: string): string {
  return name.includes("_") ? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : name;
}
