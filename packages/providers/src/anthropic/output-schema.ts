import type { Fields } from "@gatewright/call";
import { fieldsIn } from "../fields-in.ts";

/** Members that Claude can be held to as they are ("JSON Schema limitations" in Anthropic's structured outputs). */
const kept: ReadonlySet<string> = new Set([
  "type",
  "description",
  "title",
  "enum",
  "const",
  "default",
  "required",
  "pattern",
  "$ref",
  "$schema",
  "$id",
]);
const schemasByName: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);
const formats: ReadonlySet<unknown> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid",
]);

/**
 * A schema that Claude can be held to: objects are closed, and rules that Anthropic refuses (bounds of numbers and
 * lengths, other formats, …) are said in the description instead, where the model still reads them.
 */
export function outputSchema(schema: Fields): Fields {
  const written: { [member: string]: unknown } = {};
  const rules: string[] = [];
  for (const name in schema) {
    const value = schema[name];
    if (kept.has(name)) written[name] = value;
    else if (schemasByName.has(name)) written[name] = eachSchema(value);
    else if (name === "items") written[name] = oneSchema(value);
    else if (name === "anyOf" || name === "oneOf") written["anyOf"] = listOfSchemas(value);
    else if (name === "allOf") written[name] = listOfSchemas(value);
    else if ((name === "minItems" && isZeroOrOne(value)) || (name === "format" && formats.has(value))) {
      written[name] = value;
    } else if (name !== "additionalProperties") rules.push(`${name}: ${JSON.stringify(value)}`);
  }
  if (isObjectType(schema["type"]) || fieldsIn(schema["properties"]) !== undefined) {
    written["additionalProperties"] = false;
  }
  if (rules.length > 0) {
    const { description } = schema;
    const said = typeof description === "string" && description !== "" ? `${description}\n\n` : "";
    written["description"] = `${said}{${rules.join(", ")}}`;
  }
  return written;
}

function isObjectType(type: unknown): boolean {
  return type === "object" || (Array.isArray(type) && type.includes("object"));
}

function isZeroOrOne(value: unknown): boolean {
  return value === 0 || value === 1;
}

function oneSchema(value: unknown): unknown {
  const schema = fieldsIn(value);
  return schema === undefined ? value : outputSchema(schema);
}

function listOfSchemas(value: unknown): unknown {
  return Array.isArray(value) ? value.map(oneSchema) : value;
}

function eachSchema(value: unknown): unknown {
  const schemas = fieldsIn(value);
  if (schemas === undefined) return value;
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, oneSchema(schema)]));
}
