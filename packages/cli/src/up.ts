import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createLogger, SourceError, watchPaths } from "@gatewright/gateway";
import { banner, type GatewayKey } from "./banner.ts";
import { dataFolder } from "./data-folder.ts";
import type { Declaration } from "./declaration.ts";
import { type Declared, declare } from "./declare.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { Fleet } from "./fleet.ts";
import { startFault } from "./gateway.ts";
import { readInput } from "./input.ts";
import { gatewayKey, masterKeyReference } from "./master-key.ts";
import { type SecretSource, secretSource } from "./secret-lookup.ts";
import { servedGateway } from "./served-gateway.ts";
import { stopSignal } from "./stop-signal.ts";
import type { Surroundings } from "./surroundings.ts";
import { troublesOf } from "./translate.ts";
import { complain, report, type Trouble } from "./trouble.ts";

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
  const read = (): Declared => declare(readInput(paths, from), { engine: "native", from, environment });
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
  const print = (): void => {
    const served = fleet.members.map((member) =>
      servedGateway(member, secrets.key(member.declaration, declared)),
    );
    const refused = fleet.refusals.map(({ declaration: { title }, reasons }) => ({ title, reasons }));
    surroundings.output(banner(served, refused));
  };
  print();
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
    if (moved) print();
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

/** The secrets of gateways that run here: from the environment, from manifests, and from the data folder. */
class UpSecrets {
  readonly #folder: string;
  readonly #environment: Surroundings["environment"];

  constructor(folder: string, environment: Surroundings["environment"]) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /** Where a gateway's secrets are; a master key that it is to have is there afterwards. */
  readonly of = (declaration: Declaration, declared: Declared): SecretSource => {
    this.key(declaration, declared);
    return this.#source(declaration, declared);
  };

  key(declaration: Declaration, declared: Declared): GatewayKey {
    try {
      return gatewayKey(declaration, this.#source(declaration, declared), this.#folder, randomBytes);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new SourceError([
        `The master key of ${declaration.title} is to be generated, but cannot be kept: ${why}. Choose a folder that can be written with --data.`,
      ]);
    }
  }

  #source(declaration: Declaration, { secret }: Declared): SecretSource {
    const { references, environment, mounts } = declaration;
    const masterKey = masterKeyReference(declaration);
    return secretSource({
      environment: this.#environment,
      ...(environment === undefined ? {} : { resource: environment }),
      references: masterKey === undefined ? references : [masterKey, ...references],
      manifests: secret,
      ...(mounts === undefined ? {} : { mounts: [mounts] }),
      folder: this.#folder,
    });
  }
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
