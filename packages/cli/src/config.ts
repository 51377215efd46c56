import { writeDocument } from "@gatewright/litellm";
import type { JsonObject } from "@gatewright/plan";
import type { Declaration } from "./declaration.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { type GatewayInputOptions, readGatewayInput } from "./gateway-input.ts";
import { redacted } from "./redact.ts";
import type { Surroundings } from "./surroundings.ts";
import { report } from "./trouble.ts";

/** `gatewright config`: the document that a gateway with these options serves, without its secrets. */
export async function config(options: GatewayInputOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { declaration, troubles } = await readGatewayInput(options, surroundings);
  report(surroundings, troubles);
  if (declaration === undefined) return exitCode.unusable;
  printConfig(declaration, surroundings);
  return exitCode.done;
}

/** Prints a document: secrets as `[redacted]`, references to secrets as they are. */
export function printConfig(declaration: Declaration, surroundings: Surroundings): void {
  const document: JsonObject = redacted(declaration.document);
  surroundings.output(`# ${declaration.title}\n# digest ${declaration.digest}\n`);
  surroundings.output(writeDocument(document, { indent: 2, keys: "contract" }));
}
