import * as z from "zod";
import { block, entries } from "./block.ts";
import { credentialSchema } from "./credential.ts";
import { gatewrightSchema } from "./gatewright.ts";
import { generalSettingsSchema } from "./general-settings.ts";
import { guardSchema } from "./guard.ts";
import { any, flag, list, map, secretMap, textList } from "./leaf.ts";
import { litellmSettingsSchema } from "./litellm-settings.ts";
import { modelListSchema } from "./model.ts";
import { routerSettingsSchema } from "./router-settings.ts";
import { toolsSchema } from "./tool.ts";

/** The whole LiteLLM config document (litellm.md §2), with our one extra key `gatewright`. */
export const documentSchema = block("The configuration of one gateway", {
  model_list: modelListSchema.optional(),
  litellm_settings: litellmSettingsSchema.optional(),
  router_settings: routerSettingsSchema.optional(),
  general_settings: generalSettingsSchema.optional(),
  environment_variables: secretMap("Values for `os.environ/NAME`, before those of the process"),
  credential_list: z.array(credentialSchema).optional(),
  guardrails: z.array(guardSchema).optional(),
  mcp_servers: toolsSchema.optional(),
  callback_settings: entries(
    block(
      "Settings of an integration",
      { message_logging: flag("Send messages to it", { default: true }) },
      { open: true },
    ),
  ).optional(),
  include: textList("Files laid over this one: their lists are appended, their other values win"),
  files_settings: list("Where files are kept"),
  finetune_settings: list("Where models are tuned"),
  assistant_settings: map("Where assistants live"),
  search_tools: list("Search tools"),
  vector_store_registry: list("Vector stores"),
  prompts: list("Stored prompts"),
  policies: any("Policies: which guards apply to whom"),
  gatewright: gatewrightSchema.optional(),
});

/** A document with its values read: numbers, booleans, secrets; what `settle` gives. */
export type Settings = z.output<typeof documentSchema>;
