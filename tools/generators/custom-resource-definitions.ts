import { customResourceDefinition, dialects } from "@gatewright/dialects";
import { stringify } from "yaml";
import type { Generator } from "../generator.ts";

/** The CustomResourceDefinitions of all kinds, from their schemas. */
export const generator: Generator = {
  name: "custom-resource-definitions",
  outputs: async () =>
    Object.fromEntries(
      dialects
        .flatMap(({ kinds }) => kinds)
        .map((kind) => [
          `deploy/crds/${kind.group}_${kind.plural}.yaml`,
          `# Made by tools/generators/custom-resource-definitions.ts from packages/dialects. Do not edit.\n${yaml(customResourceDefinition(kind))}`,
        ]),
    ),
};

/**
 * kubectl reads YAML 1.1, where `on` and `no` are booleans unless they are quoted. Keys are sorted, so that moving a
 * field in a schema changes nothing.
 */
function yaml(value: object): string {
  return stringify(value, {
    version: "1.1",
    lineWidth: 120,
    aliasDuplicateObjects: false,
    sortMapEntries: true,
  });
}
