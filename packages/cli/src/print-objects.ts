import type { FilledSecret, Installation } from "@gatewright/dialects";
import { writeDocument } from "@gatewright/litellm";
import { compareFindings, type JsonObject } from "@gatewright/plan";
import { type Declaration, refusals } from "./declaration.ts";
import type { DeclaredMember } from "./declared-member.ts";
import { defaultImage, defaultLitellmImage } from "./default-image.ts";
import type { Surroundings } from "./surroundings.ts";
import { findingTrouble, type Trouble } from "./trouble.ts";

/** A gateway's Kubernetes objects as text, and what there is to say about them. */
export interface PrintedObjects {
  /** Comments alone where there are no objects. */
  readonly text: string;
  readonly troubles: readonly Trouble[];
  /** False when nothing could be written for this declaration. */
  readonly written: boolean;
}

/** The objects of a gateway in apply order. No Secret is among them: its values are the operator's to fill in. */
export function printObjects(declaration: Declaration, surroundings: Surroundings): PrintedObjects {
  const heading = `# ${declaration.title}\n`;
  if (declaration.objects === undefined) {
    const why =
      declaration.plan === undefined
        ? "It is no Kubernetes resource, so there are no objects for it."
        : `This version writes no Kubernetes objects for ${declaration.plan.origin.kind}.`;
    const trouble: Trouble = {
      level: "warning",
      code: "ObjectsNotWritten",
      text: `${declaration.title}: ${why}`,
    };
    return { text: `${heading}# ${why}\n`, troubles: [trouble], written: false };
  }
  const { objects, secrets, findings } = declaration.objects(installation(surroundings));
  const reasons = [...refusals(declaration), ...refusals({ ...declaration, findings })];
  const comment =
    reasons.length === 0
      ? ""
      : `# Not served, so its configuration and its Deployment stay as they are:\n${reasons.map(({ text }) => `#   ${text}\n`).join("")}`;
  return {
    text: heading + comment + objects.map(objectText).join("---\n"),
    troubles: [
      ...[...findings].sort(compareFindings).map((finding) => findingTrouble(finding, declaration.locate)),
      ...secrets.map(secretNote),
    ],
    written: reasons.length === 0,
  };
}

/** The same of an agent or a tool. */
export function printMember(declared: DeclaredMember, surroundings: Surroundings): PrintedObjects {
  const { title, member, locate } = declared;
  const heading = `# ${title}\n`;
  const desired = member.objects?.(installation(surroundings));
  const findings = desired?.findings ?? [];
  const troubles = [
    ...findings.map((finding) => findingTrouble(finding, locate)),
    ...(desired?.secrets ?? []).map(secretNote),
  ];
  if (desired === undefined || (desired.objects.length === 0 && desired.secrets.length === 0)) {
    const reasons = [...member.findings, ...findings].filter(({ effect }) => effect !== "approximated");
    const comment = reasons.map(({ text }) => `#   ${text.replaceAll(/\s+/gu, " ")}\n`).join("");
    const told = reasons.length === 0 ? "# It has no objects of its own.\n" : `# Not deployed:\n${comment}`;
    return { text: heading + told, troubles, written: reasons.length === 0 };
  }
  return { text: heading + desired.objects.map(objectText).join("---\n"), troubles, written: true };
}

/** An installation without any option, on a cluster about which nothing is known. */
function installation({ environment }: Surroundings): Installation {
  return {
    image: defaultImage(environment),
    litellmImage: defaultLitellmImage,
    networkIsolation: true,
    apis: { cilium: false, gatewayApi: true },
  };
}

function objectText(object: object): string {
  return writeDocument(object as JsonObject, { indent: 2, keys: "contract" });
}

function secretNote({ namespace, name, entries }: FilledSecret): Trouble {
  const sources = entries.map(({ key, from }) =>
    from === undefined
      ? `${key} (made at random, once)`
      : from === "resource"
        ? `${key} from the resource`
        : `${key} from ${from.name}/${from.key}`,
  );
  const filled = sources.length === 0 ? "with nothing, since no model needs a key" : sources.join(", ");
  return {
    level: "note",
    code: "SecretFilledByOperator",
    object: `Secret ${namespace}/${name}`,
    text: `Secret ${namespace}/${name} is not printed; the operator fills it: ${filled}.`,
  };
}
