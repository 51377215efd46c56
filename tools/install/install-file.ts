import { admissionManifest } from "./admission.ts";
import { manifestFile } from "./manifest.ts";
import { operatorAccess, type Watched } from "./operator-access.ts";
import { operatorNamespaceManifest, operatorWorkload } from "./operator-deployment.ts";
import { userRoles } from "./user-roles.ts";

/** What a person may not overlook, above everything else. */
const headers = {
  cluster: `Gatewright's operator for a whole cluster: docs/install.md says how to apply, change and remove it.
Made by tools/generators/install.ts. Do not edit.`,
  namespaces: `Gatewright's operator for one namespace, with no rights in others: docs/install.md says how to apply it.
Made by tools/generators/install.ts. Do not edit; put the name of your namespace in place of team-a:

  sed 's/team-a/NAME/' deploy/install-namespaced.yaml | kubectl apply -f -`,
};

/** The namespace that `install-namespaced.yaml` names; its readers replace it. */
export const exampleNamespace = "team-a";

/** Group of the kinds that have a controller; definitions of others would replace those of a running operator. */
const definitionPath = /^deploy\/crds\/langop\.io_/;

/** An install file. `definitions` are the texts of all CustomResourceDefinitions, by path. */
export function installFile(kind: Watched["kind"], definitions: Readonly<Record<string, string>>): string {
  const watched: Watched = kind === "cluster" ? { kind } : { kind, names: [exampleNamespace] };
  return manifestFile(headers[kind], [
    operatorNamespaceManifest(),
    ...Object.keys(definitions)
      .filter((path) => definitionPath.test(path))
      .sort()
      .map((path) => definitions[path] ?? ""),
    ...operatorAccess(watched),
    ...userRoles(),
    ...operatorWorkload(watched),
    ...(kind === "cluster" ? [admissionManifest()] : []),
  ]);
}
