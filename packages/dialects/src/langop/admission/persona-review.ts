import type { Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languagePersona } from "../kinds/language-persona.ts";
import { reviewOf } from "./review.ts";

/** Everything that is to say about a LanguagePersona before it is admitted (langop.md §2.6). */
export function personaFindings(persona: Resource): readonly Finding[] {
  const { spec, findings: ofSpec } = readSpec(languagePersona, persona);
  const findings: Finding[] = [...ofSpec];
  if (spec === undefined) return findings;
  const texts = [spec.tone, spec.personality, spec.expertise];
  if (texts.every((text) => (text ?? "").trim() === "")) {
    const text = "says nothing, so agents are told nothing by it: set tone, personality or expertise.";
    reviewOf(persona, findings).warn(["spec"], "PersonaEmpty", text);
  }
  return findings;
}
