import {
  type Finding,
  isJsonObject,
  type Json,
  type JsonObject,
  type Origin,
  type Overlay,
  originText,
} from "@gatewright/plan";
import * as yaml from "yaml";
import type { Contribution } from "./entry.ts";
import type { Variable } from "./environment.ts";

/** The variable with YAML that is merged over the generated document (langop.md §3.3). */
export const extraConfigVariable = "LANGOP_GATEWAY_EXTRA_CONFIG";

/** The user's own configuration: what it says, and how it goes into the plan. */
export interface ExtraConfig {
  /** Absent when there is none, or it cannot be read. */
  readonly value?: JsonObject;
  readonly contribution: Contribution;
}

/** The user's own configuration as the last layer of the document; one that cannot be read blocks the gateway. */
export function readOverlay(origin: Origin, variable: Variable | undefined): ExtraConfig {
  const read = variable === undefined ? undefined : readText(variable);
  if (variable === undefined || read === undefined) return { contribution: { parts: [], findings: [] } };
  if (typeof read === "string") {
    const text = `${originText(origin)} ${variable.path} (${extraConfigVariable}) ${read}. The gateway is not served, because what it protects there would be missing.`;
    const finding: Finding = { code: "ExtraConfigInvalid", effect: "blocked", origin, text };
    return { contribution: { parts: [], findings: [finding] } };
  }
  const value: Overlay = { origin: { ...origin, path: variable.path }, kind: "deep-merge", value: read };
  return { value: read, contribution: { parts: [{ concern: "overlay", value }], findings: [] } };
}

function readText(variable: Variable): JsonObject | string | undefined {
  if (variable.kind === "unreadable") return variable.why;
  if (variable.kind === "secret") {
    return "comes from a Secret, whose values are not read here; put the YAML into the field or into a ConfigMap";
  }
  return parseExtraConfig(variable.text);
}

/** A mapping; nothing for a blank text; or what is wrong with the text, to go on after its name. */
export function parseExtraConfig(text: string): JsonObject | string | undefined {
  // YAML 1.1, as LiteLLM reads its own file: `on` is true. Dates stay text, since JSON has none.
  const document = yaml.parseDocument(text, {
    version: "1.1",
    prettyErrors: false,
    customTags: (tags) => tags.filter((tag) => !isTimestamp(tag)),
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = text.slice(0, error.pos[0]).split("\n").length;
    return `is not valid YAML (line ${line} of its text)`;
  }
  const value = jsonOf(document);
  if (value === null) return undefined;
  return isJsonObject(value) ? value : "is not a YAML mapping";
}

function isTimestamp(tag: yaml.Tags[number]): boolean {
  return tag === "timestamp" || (typeof tag === "object" && tag.tag === "tag:yaml.org,2002:timestamp");
}

/** `undefined` for what JSON cannot hold, and for aliases that lead nowhere. */
function jsonOf(document: yaml.Document): Json | undefined {
  try {
    const value: unknown = document.toJS();
    return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as Json);
  } catch {
    return undefined;
  }
}
