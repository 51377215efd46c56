import * as z from "zod";
import type { Kind } from "../../kind.ts";
import { group } from "./group.ts";
import { status } from "./status.ts";

const spec = z.strictObject({
  controller: z.string().describe("Name of the controller that serves the AiGateways of this class."),
});

/** `AiGatewayClass` (agentic-layer.md §1.2): which operator serves the gateways that name it. */
export const aiGatewayClass: Kind<typeof spec, typeof status> = {
  group,
  version: "v1alpha1",
  kind: "AiGatewayClass",
  plural: "aigatewayclasses",
  shortNames: [],
  scope: "Cluster",
  printerColumns: [],
  spec,
  status,
};
