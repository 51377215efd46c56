import type { Dialect } from "../dialect.ts";
import { liteLlmCredential } from "./kinds/credential.ts";
import { liteLlmInstance } from "./kinds/instance.ts";
import { liteLlmModel } from "./kinds/model.ts";
import { read } from "./read/read.ts";

/** The dialect litellm.palena.ai/v1alpha1 (palena.md). */
export const palena: Dialect = {
  name: "palena",
  group: "litellm.palena.ai",
  kinds: [liteLlmInstance, liteLlmModel, liteLlmCredential],
  defaultEngine: "litellm",
  read,
};
