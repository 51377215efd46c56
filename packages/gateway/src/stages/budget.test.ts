import type { Settings } from "@gatewright/litellm";
import { openai } from "@gatewright/providers/src/openai/provider.ts";
