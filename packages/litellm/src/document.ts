import type { Concern, GatewayPlan, JsonObject } from "@gatewright/plan";
import { renderBudget } from "./budget.ts";
import { renderCache } from "./cache.ts";
import { renderCredentials } from "./credential.ts";
import { renderExposure } from "./exposure.ts";
import { renderGuards } from "./guard.ts";
import { renderIdentity } from "./identity.ts";
import { renderKey } from "./key.ts";
import { renderLimits } from "./limit.ts";
import { renderModels } from "./model.ts";
import { renderNetwork } from "./network.ts";
import { renderOverlays } from "./overlay.ts";
import { joined, type Piece, present } from "./piece.ts";
import { renderRoute } from "./route.ts";
import { renderTelemetry } from "./telemetry.ts";
import { renderTenant } from "./tenant.ts";
import { renderTools } from "./tool.ts";
import { renderWorkload } from "./workload.ts";

/** A whole LiteLLM config document (litellm.md §2) as plain JSON; `os.environ/NAME` references are not resolved. */
export type Document = JsonObject;

/**
 * What each concern of a plan adds to the document. A concern without an entry does not compile; the order is the
 * order of the keys inside a block.
 */
const renderers: Record<Concern, (plan: GatewayPlan) => Piece> = {
  model: renderModels,
  tool: renderTools,
  credential: renderCredentials,
  key: renderKey,
  route: renderRoute,
  telemetry: renderTelemetry,
  cache: renderCache,
  budget: renderBudget,
  tenant: renderTenant,
  limit: renderLimits,
  guard: renderGuards,
  network: renderNetwork,
  identity: renderIdentity,
  workload: renderWorkload,
  exposure: renderExposure,
  overlay: renderOverlays,
};

/** A plan as a document, before its overlays. Empty blocks are left out, but for palena's `model_list: []`. */
export function renderDocument(plan: GatewayPlan): Document {
  const header: Piece = { gatewright: present({ allow_unsupported: plan.allowUnsupported }) };
  const document = joined([...Object.values(renderers).map((render) => render(plan)), header]);
  return plan.layout.emptyModelList === true ? { model_list: [], ...document } : document;
}
