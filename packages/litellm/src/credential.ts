import type { Credential, GatewayPlan, JsonObject } from "@gatewright/plan";
import { type Piece, present } from "./piece.ts";
import { referenceTo } from "./reference.ts";

/**
 * `credential_list[]` (litellm.md §2.5). The engine reads `credential_values`; `credential_info`, where palena's users
 * look, repeats what is no secret. Further parameters never replace the key, base or version (decisions.md).
 */
export function renderCredentials(plan: GatewayPlan): Piece {
  return { credential_list: plan.credential.map(entryOf) };
}

function entryOf(credential: Credential): JsonObject {
  const { api_key: _, ...parameters } = credential.parameters ?? {};
  const address = present({ api_base: credential.endpoint, api_version: credential.apiVersion });
  const open = { ...address, ...parameters, ...address };
  return {
    credential_name: credential.name,
    credential_values: { api_key: referenceTo(credential.apiKey), ...open },
    credential_info: { ...present({ description: credential.description }), ...open },
  };
}
