import { type Finding, originText } from "@gatewright/plan";
import { originOf, type Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languagePersona } from "../kinds/language-persona.ts";
import { generationOf } from "./cluster-status.ts";
import { degraded } from "./degraded.ts";
import type { StatusIntent } from "./intent.ts";

/** Status of a LanguagePersona (langop.md §2.6), and what there is to say about it. */
export function personaStatus(persona: Resource): {
  readonly intent: StatusIntent;
  readonly findings: readonly Finding[];
} {
  const { spec, findings: ofSpec } = readSpec(languagePersona, persona);
  const origin = originOf(persona);
  const empty: readonly Finding[] =
    spec === undefined || Object.values(spec).some((text) => text !== undefined && text.trim() !== "")
      ? []
      : [
          {
            code: "PersonaEmpty",
            effect: "dropped",
            origin,
            text: `${originText(origin)} says nothing: set tone, personality or expertise.`,
          },
        ];
  const findings = [...ofSpec, ...empty];
  const invalid = ofSpec.find(({ effect }) => effect === "blocked");
  const message = invalid?.text ?? "Agents can take it on.";
  return {
    findings,
    intent: {
      phase: invalid === undefined ? "Ready" : "Failed",
      conditions: [
        {
          type: "Ready",
          status: invalid === undefined ? "True" : "False",
          reason: invalid?.code ?? "Validated",
          message,
        },
        ...degraded(findings),
      ],
      fields: { ...generationOf(persona), message },
    },
  };
}
