import type { Dialect } from "../dialect.ts";
import { aiGateway } from "./kinds/ai-gateway.ts";
import { aiGatewayClass } from "./kinds/ai-gateway-class.ts";
import { group } from "./kinds/group.ts";
import { read } from "./read/read.ts";

/** The dialect of Agentic Layer, `runtime.agentic-layer.ai`, as far as it serves models. */
export const agenticLayer: Dialect = {
  name: "agentic-layer",
  group,
  kinds: [aiGateway, aiGatewayClass],
  defaultEngine: "litellm",
  read,
};
