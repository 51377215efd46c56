import type { Dialect } from "../dialect.ts";
import { languageCluster } from "./kinds/language-cluster.ts";
import { languageModel } from "./kinds/language-model.ts";
import { objects } from "./objects/objects.ts";
import { read } from "./read/read.ts";

/** The dialect of the Language Operator: `langop.io`. */
export const langop: Dialect = {
  name: "langop",
  group: languageCluster.group,
  kinds: [languageCluster, languageModel],
  defaultEngine: "native",
  read,
  objects,
};
