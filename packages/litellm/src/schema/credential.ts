import { block } from "./block.ts";
import { requiredText, text } from "./leaf.ts";
import { parameterFacts, parameterMembers } from "./model.ts";

/** `credential_list[]` (litellm.md §2.5): connection values that models share by name. */
export const credentialSchema = block("Connection values that models share by name", {
  credential_name: requiredText("Name that `litellm_credential_name` refers to"),
  credential_values: block(
    "Parameters given to every deployment that names the credential",
    parameterMembers,
    parameterFacts,
  ).optional(),
  credential_info: block(
    "What people should know about the credential",
    {
      description: text("What it is for"),
      custom_llm_provider: text("Provider it belongs to"),
      // palena's users find the values that are no secret here as well (decisions.md, "credential_list").
      api_base: text("Base URL, told once more for people"),
      api_version: text("API version, told once more for people"),
    },
    { open: true },
  ).optional(),
});
