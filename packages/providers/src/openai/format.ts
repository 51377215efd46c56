import type { ChatCall, Fields } from "@gatewright/call";
import { fieldsIn } from "../fields-in.ts";
import type { ChatTraits } from "./traits.ts";

/** `response_format`, and what has to be told in words beside it. */
export interface WrittenFormat {
  readonly responseFormat: Fields;
  readonly note?: string;
}

export function writeFormat({ format, from }: ChatCall, traits: ChatTraits): WrittenFormat | undefined {
  if (format === undefined) return undefined;
  if (format.kind === "json") return { responseFormat: { type: "json_object" } };
  const { description, name, schema } = format;
  if (!traits.jsonSchema) {
    const note = `Answer with one JSON object that follows this JSON schema: ${JSON.stringify(schema)}`;
    return { responseFormat: { type: "json_object" }, note };
  }
  // Other APIs are strict with schemas that OpenAI refuses to be strict with.
  const strict = format.strict === true && from !== "openai" && !fitsStrict(schema) ? false : format.strict;
  const jsonSchema = {
    name,
    ...(description === undefined ? {} : { description }),
    schema,
    ...(strict === undefined ? {} : { strict }),
  };
  return { responseFormat: { type: "json_schema", json_schema: jsonSchema } };
}

/** OpenAI's conditions: every object says that it has no further members, and all it has are required. */
function fitsStrict(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(fitsStrict);
  const schema = fieldsIn(value);
  if (schema === undefined) return true;
  const { additionalProperties, properties, required, type } = schema;
  const members = fieldsIn(properties);
  if (type === "object" || members !== undefined) {
    const named = Array.isArray(required) ? required : [];
    const complete = Object.keys(members ?? {}).every((member) => named.includes(member));
    if (additionalProperties !== false || !complete) return false;
  }
  return Object.values(schema).every(fitsStrict);
}
