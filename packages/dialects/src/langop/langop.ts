import type { Dialect } from "../dialect.ts";
import { languageAgent } from "./kinds/language-agent.ts";
import { languageAgentRuntime } from "./kinds/language-agent-runtime.ts";
import { languageAgentSelfConfig } from "./kinds/language-agent-self-config.ts";
import { languageCluster } from "./kinds/language-cluster.ts";
import { languageModel } from "./kinds/language-model.ts";
import { languagePersona } from "./kinds/language-persona.ts";
import { languageTool } from "./kinds/language-tool.ts";
import { members } from "./objects/members.ts";
import { objects } from "./objects/objects.ts";
import { read } from "./read/read.ts";

/** The dialect of the Language Operator: `langop.io`. */
export const langop: Dialect = {
  name: "langop",
  group: languageCluster.group,
  kinds: [
    languageCluster,
    languageModel,
    languageAgent,
    languageTool,
    languagePersona,
    languageAgentRuntime,
    languageAgentSelfConfig,
  ],
  defaultEngine: "native",
  read,
  objects,
  members,
};
