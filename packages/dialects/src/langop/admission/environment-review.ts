import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import { isDataKey, isDnsName, isVariableName } from "./kubernetes-name.ts";
import type { Review } from "./review.ts";

type Variable = NonNullable<DeploymentSpec["env"]>[number];
type Source = NonNullable<DeploymentSpec["envFrom"]>[number];

/** Environment variables of a Deployment, as the API server would take them in its pods. */
export function reviewEnvironment({ env = [], envFrom = [] }: DeploymentSpec, review: Review): void {
  const names = new Set<string>();
  for (const [index, variable] of env.entries()) {
    const at = review.within("env", index);
    reviewVariable(variable, at);
    if (names.has(variable.name)) {
      at.warn([], "EnvironmentRepeated", "has the name of a variable before it; the last one is used.");
    }
    names.add(variable.name);
  }
  for (const [index, source] of envFrom.entries()) reviewSource(source, review.within("envFrom", index));
}

function reviewVariable({ name, value, valueFrom }: Variable, review: Review): void {
  if (!isVariableName(name)) {
    review.refuse(
      ["name"],
      "VariableNameInvalid",
      "is no name of a variable: use printable ASCII characters other than =.",
    );
  }
  if (valueFrom === undefined) return;
  if (value !== undefined && value !== "") {
    review.refuse([], "VariableAmbiguous", "has both value and valueFrom. Remove one of them.");
  }
  const sources = Object.entries(valueFrom).filter(([, source]) => source !== undefined);
  if (sources.length !== 1) {
    const text = "must name exactly one source: configMapKeyRef, secretKeyRef, fieldRef or resourceFieldRef.";
    review.refuse(["valueFrom"], "VariableSourceInvalid", text);
  }
  for (const kind of ["configMapKeyRef", "secretKeyRef"] as const) {
    const reference = valueFrom[kind];
    if (reference === undefined) continue;
    reviewName(reference.name, review.within("valueFrom", kind));
    if (!isDataKey(reference.key)) {
      const text = 'can be no key: use at most 253 letters, digits, "-", "_" and ".".';
      review.refuse(["valueFrom", kind, "key"], "KeyInvalid", text);
    }
  }
}

function reviewSource({ prefix = "", configMapRef, secretRef }: Source, review: Review): void {
  if ((configMapRef === undefined) === (secretRef === undefined)) {
    review.refuse([], "VariableSourceInvalid", "must name exactly one source: configMapRef or secretRef.");
  }
  if (prefix !== "" && !isVariableName(prefix)) {
    const text = "cannot begin the name of a variable: use printable ASCII characters other than =.";
    review.refuse(["prefix"], "VariableNameInvalid", text);
  }
  if (configMapRef !== undefined) reviewName(configMapRef.name, review.within("configMapRef"));
  if (secretRef !== undefined) reviewName(secretRef.name, review.within("secretRef"));
}

function reviewName(name: string, review: Review): void {
  if (isDnsName(name)) return;
  review.refuse(["name"], "NameInvalid", nameText);
}

/** What is wrong with a name that no object can have. */
export const nameText =
  'can be the name of no object: use at most 253 lower-case letters, digits, "-" and ".", with a letter or digit at both ends.';
