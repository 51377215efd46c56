import type { GatewayPlan } from "@gatewright/plan";
import { type Piece, present } from "./piece.ts";
import { referenceTo } from "./reference.ts";

/**
 * Keys to the gateway. For the native engine the master key is always named, also under the variable that is looked up
 * anyway: a gateway whose key is missing must refuse to serve, and it can only know that it needs one from its
 * document. LiteLLM gets it through its environment, as the operators give it, and its document stays theirs.
 * The salt, and whether a key is generated, are matters of the process and stay out of the document.
 */
export function renderKey(plan: GatewayPlan): Piece {
  const { key } = plan;
  // LiteLLM reads who may create keys in `litellm_settings`; palena's users know it in `general_settings`.
  const generation = present({ key_generation_settings: key.generation });
  return {
    litellm_settings: generation,
    general_settings: {
      ...present({
        master_key:
          key.master === undefined || plan.engine === "litellm" ? undefined : referenceTo(key.master),
        master_key_required: key.masterRequired,
        custom_key_generate: key.customGenerate,
      }),
      ...generation,
    },
  };
}
