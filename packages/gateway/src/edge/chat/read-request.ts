import type { AnswerFormat, ChatCall, Fields, Reasoning } from "@gatewright/call";
import type { ApiError } from "@gatewright/litellm";
import { extraFields } from "../extra-fields.ts";
import {
  invalid,
  isFields,
  missing,
  objectAt,
  optionalFlag,
  optionalNumber,
  optionalObject,
  optionalText,
  reading,
  textAt,
} from "../field.ts";
import { readMessages } from "./read-messages.ts";
import { known, readOptions } from "./read-options.ts";
import { readToolChoice, readTools } from "./read-tools.ts";

/** Reads the body of `POST /v1/chat/completions`. */
export function readRequest(fields: Fields): ChatCall | ApiError {
  return reading(() => callOf(fields));
}

function callOf(fields: Fields): ChatCall {
  const toolChoice = readToolChoice(fields["tool_choice"], fields["function_call"]);
  const format = readFormat(fields["response_format"]);
  const reasoning = readReasoning(fields["reasoning_effort"], fields["thinking"]);
  return {
    kind: "chat",
    from: "openai",
    stream: optionalFlag(fields["stream"], "stream") ?? false,
    messages: readMessages(fields["messages"]),
    tools: readTools(fields["tools"], fields["functions"]),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(format === undefined ? {} : { format }),
    ...(reasoning === undefined ? {} : { reasoning }),
    options: readOptions(fields),
    extra: extraFields(fields, known),
  };
}

function readFormat(value: unknown): AnswerFormat | undefined {
  const format = optionalObject(value, "response_format");
  if (format === undefined) return undefined;
  switch (format["type"]) {
    case "text":
      return undefined;
    case "json_object": {
      // LiteLLM's older way to give a schema.
      const schema = optionalObject(format["response_schema"], "response_format.response_schema");
      return schema === undefined ? { kind: "json" } : { kind: "schema", name: "answer", schema };
    }
    case "json_schema":
      return schemaOf(objectAt(format["json_schema"], "response_format.json_schema"));
    case undefined:
      return missing("response_format.type");
    default:
      return invalid("response_format.type", "text, json_object or json_schema");
  }
}

function schemaOf(format: Fields): AnswerFormat {
  const path = "response_format.json_schema";
  const description = optionalText(format["description"], `${path}.description`);
  const strict = optionalFlag(format["strict"], `${path}.strict`);
  return {
    kind: "schema",
    name: textAt(format["name"], `${path}.name`),
    schema: optionalObject(format["schema"], `${path}.schema`) ?? {},
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
  };
}

/** `reasoning_effort` is a word, or LiteLLM's object with the word and a form of summary; `thinking` is Anthropic's. */
function readReasoning(effortField: unknown, thinkingField: unknown): Reasoning | undefined {
  const object = isFields(effortField) ? effortField : { effort: effortField };
  const effort = optionalText(object["effort"], "reasoning_effort");
  const summary = optionalText(object["summary"], "reasoning_effort.summary");
  const thinking = optionalObject(thinkingField, "thinking");
  const budgetTokens = optionalNumber(thinking?.["budget_tokens"], "thinking.budget_tokens");
  if (effort === undefined && summary === undefined && thinking === undefined) return undefined;
  const type = thinking?.["type"];
  if (type !== undefined && type !== "enabled" && type !== "disabled" && type !== "adaptive") {
    return invalid("thinking.type", "enabled, disabled or adaptive");
  }
  const enabled = type === undefined ? effort !== "none" : type !== "disabled";
  return {
    enabled,
    ...(effort === undefined ? {} : { effort }),
    ...(budgetTokens === undefined || !enabled ? {} : { budgetTokens }),
    ...(summary === undefined ? {} : { summary }),
  };
}
