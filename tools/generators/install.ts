import type { Generator } from "../generator.ts";
import { installFile } from "../install/install-file.ts";
import { generator as definitionGenerator } from "./custom-resource-definitions.ts";

/** The files that `kubectl apply` installs the operator from. */
export const generator: Generator = {
  name: "install",
  outputs: async () => {
    // Taken from their generator: the files under deploy/crds/ may be the ones of before.
    const definitions = await definitionGenerator.outputs();
    return {
      "deploy/install.yaml": installFile("cluster", definitions),
      "deploy/install-namespaced.yaml": installFile("namespaces", definitions),
    };
  },
};
