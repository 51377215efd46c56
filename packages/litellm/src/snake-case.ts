import { isJsonObject, type Json, type JsonObject } from "@gatewright/plan";

/**
 * A value of the plan with its camel-case keys in snake case, all the way down: how the `gatewright` block spells
 * what LiteLLM's own keys cannot say. Only for values whose keys are field names: names that users choose must not
 * change.
 */
export function snakeCased(value: object): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [snakeCasedKey(key), snakeCasedValue(member as Json)]),
  );
}

function snakeCasedValue(value: Json): Json {
  if (Array.isArray(value)) return value.map(snakeCasedValue);
  return isJsonObject(value) ? snakeCased(value) : value;
}

function snakeCasedKey(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
