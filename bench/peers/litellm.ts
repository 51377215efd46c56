import { join } from "node:path";
import { clientHeaders, type Entrant, gatewayEnvironment } from "../entrant.ts";
import { measuredProgram } from "../program.ts";
import { type PeerContext, pythonPackages } from "./installed.ts";

const own = (name: string): string => new URL(name, import.meta.url).pathname;

/** LiteLLM's proxy with one worker and without a database. */
export async function litellm({ upstream, say }: PeerContext): Promise<Entrant> {
  const folder = await pythonPackages("litellm", own("litellm-requirements.txt"), say);
  return {
    name: "litellm",
    headers: clientHeaders,
    model: "bench-model",
    program: (port) =>
      measuredProgram(
        join(folder, "bin", "litellm"),
        [
          ...["--config", own("litellm.yaml"), "--host", "127.0.0.1"],
          ...["--port", String(port), "--num_workers", "1"],
        ],
        // The list of prices that it brings will do; it would download a newer one.
        { ...gatewayEnvironment(upstream), LITELLM_LOCAL_MODEL_COST_MAP: "True" },
      ),
  };
}
