import { join } from "node:path";
import { createLogger, watchPaths } from "@gatewright/gateway";
import { limitsAskForAgentKeys } from "./agent-keys.ts";
import { dataFolder } from "./data-folder.ts";
import { type Declared, declare } from "./declare.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { Fleet } from "./fleet.ts";
import { startFault } from "./gateway.ts";
import { readInput } from "./input.ts";
import { stopSignal } from "./stop-signal.ts";
import type { Surroundings } from "./surroundings.ts";
import { troublesOf } from "./translate.ts";
import { complain, report, type Trouble } from "./trouble.ts";
import { UpListing } from "./up-listing.ts";
import { UpSecrets } from "./up-secrets.ts";

export interface UpOptions {
  readonly port: number;
  readonly host: string;
  readonly data?: string;
  readonly watch: boolean;
}

/** `gatewright up`: serves every gateway that the paths declare, and follows their edits, until it is told to stop. */
export async function up(
  paths: readonly string[],
  options: UpOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { folder: from, environment } = surroundings;
  const read = (): Declared =>
    declare(readInput(paths, from), {
      engine: "native",
      from,
      environment,
      agentKeys: limitsAskForAgentKeys,
      created: true,
    });
  const readAt = Date.now();
  let declared = read();
  let told = tell(surroundings, troublesOf(declared), new Set());
  if (declared.troubles.some(({ level }) => level === "error")) return exitCode.unusable;
  if (declared.declarations.length === 0) {
    complain(
      surroundings,
      `${paths.join(", ")}: nothing to serve is declared there. Give files or folders with manifests (langop.io, runtime.agentic-layer.ai, litellm.palena.ai), a LiteLLM configuration file or langop model files; \`gatewright up examples/quickstart\` is one.`,
    );
    return exitCode.unusable;
  }

  const data = dataFolder({ ...surroundings, ...(options.data === undefined ? {} : { data: options.data }) });
  const secrets = new UpSecrets(join(data, "secrets"), environment);
  const logger = createLogger({ tty: surroundings.interactive, level: "info" });
  const fleet = new Fleet(declared, { ...options, logger, secretsOf: secrets.of });
  const stopped = stopSignal();
  try {
    await fleet.start();
  } catch (error) {
    for (const reason of startFault(error, options)) complain(surroundings, reason);
    return exitCode.failed;
  }
  const listing = new UpListing(fleet, secrets);
  surroundings.output(listing.whole(declared));
  if (fleet.members.length === 0) return exitCode.failed;

  const watched = (): readonly string[] => [
    ...declared.watch,
    ...declared.declarations.flatMap((declaration) => secrets.of(declaration, declared).watch),
  ];
  const change = async (): Promise<void> => {
    const reading = await watch?.begin();
    declared = read();
    told = tell(surroundings, troublesOf(declared), told);
    const moved = await fleet.apply(declared);
    if (reading !== undefined) await watch?.follow(watched(), reading);
    if (declared.troubles.some(({ level }) => level === "error")) return;
    surroundings.output(moved ? listing.whole(declared) : listing.changed(declared));
  };
  let changes = Promise.resolve();
  const watch = options.watch
    ? watchPaths(() => {
        // What nobody expected must not take running gateways along.
        changes = changes
          .then(change)
          .catch((error: unknown) => logger.error({ error: String(error) }, "defect"));
      })
    : undefined;
  await watch?.follow(watched(), { at: readAt });

  await stopped;
  watch?.stop();
  await changes;
  await fleet.close();
  return exitCode.done;
}

/** Tells what was not told before; returns all that has been told about the input as it is now. */
function tell(
  surroundings: Surroundings,
  troubles: readonly Trouble[],
  before: ReadonlySet<string>,
): ReadonlySet<string> {
  // Lines move with every edit above them, so they do not make a trouble a new one.
  const identity = ({ line: _, column: __, ...trouble }: Trouble): string => JSON.stringify(trouble);
  report(
    surroundings,
    troubles.filter((trouble) => !before.has(identity(trouble))),
  );
  return new Set(troubles.map(identity));
}
