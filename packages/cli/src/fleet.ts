import {
  type Loaded,
  type Logger,
  type RunningGateway,
  SourceError,
  startGateway,
} from "@gatewright/gateway";
import type { Declaration } from "./declaration.ts";
import type { Declared } from "./declare.ts";
import { loaded } from "./load.ts";
import type { SecretSource } from "./secret-lookup.ts";
import { troubleText } from "./trouble.ts";

/** How the gateways of a fleet are run. */
export interface FleetOptions {
  readonly host: string;
  /** Of the first gateway; the others get the next free ones. 0: any free port for each. */
  readonly port: number;
  readonly logger: Logger;
  /** Where a gateway's secrets are. */
  readonly secretsOf: (declaration: Declaration, declared: Declared) => SecretSource;
}

/** A gateway that runs, and what it was last told to serve. */
export interface Member {
  readonly declaration: Declaration;
  readonly gateway: RunningGateway;
}

/** A declared gateway that does not run, and why. */
export interface Refusal {
  readonly declaration: Declaration;
  readonly reasons: readonly string[];
}

/** The running gateways of one input: as it changes, they load anew, and come and go with what it declares. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #members = new Map<
    string,
    { declaration: Declaration; readonly gateway: RunningGateway; readonly port: number }
  >();
  readonly #closing = new Set<Promise<void>>();
  #refusals: readonly Refusal[] = [];
  #declared: Declared;

  constructor(declared: Declared, options: FleetOptions) {
    this.#declared = declared;
    this.#options = options;
  }

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  /** Starts what is declared. Rejects with the system's error when a port cannot be had; then nothing runs. */
  async start(): Promise<void> {
    try {
      await this.#startMissing();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Takes over a new reading of the input. One with errors changes nothing but what the gateways say about
   * themselves: no gateway stops because of a typing mistake. True when gateways came or went.
   */
  async apply(declared: Declared): Promise<boolean> {
    this.#declared = declared;
    const before = [...this.#members.keys()].join("\n");
    if (errorsOf(declared).length === 0) {
      const ids = new Set(declared.declarations.map(({ id }) => id));
      for (const [id, { gateway }] of this.#members) {
        if (!ids.has(id)) this.#retire(id, gateway);
      }
    }
    for (const [id, member] of this.#members) {
      member.declaration = this.#declaration(id) ?? member.declaration;
      await member.gateway.reload();
    }
    if (errorsOf(declared).length === 0) {
      await this.#startMissing().catch((error: unknown) => {
        this.#options.logger.error({ error: String(error) }, "a new gateway cannot be started");
      });
    }
    return before !== [...this.#members.keys()].join("\n");
  }

  /** Ends all gateways; their open requests finish first. */
  async close(): Promise<void> {
    for (const [id, { gateway }] of this.#members) this.#retire(id, gateway);
    await Promise.all(this.#closing);
  }

  async #startMissing(): Promise<void> {
    const refusals: Refusal[] = [];
    for (const declaration of this.#declared.declarations) {
      if (this.#members.has(declaration.id)) continue;
      const reasons = await this.#startOne(declaration);
      if (reasons.length > 0) refusals.push({ declaration, reasons });
    }
    this.#refusals = refusals;
  }

  /** Why it was not started; empty when it runs. */
  async #startOne(declaration: Declaration): Promise<readonly string[]> {
    const { host, logger } = this.#options;
    const { id } = declaration;
    const port = this.#freePort();
    try {
      const source = { load: async () => this.#load(id) };
      const gateway = await startGateway({
        host,
        port,
        source,
        watch: false,
        logger: logger.child({ gateway: declaration.title }),
      });
      this.#members.set(id, { declaration, gateway, port });
      return [];
    } catch (error) {
      if (error instanceof SourceError) return error.problems;
      throw error;
    }
  }

  /** What a gateway is to serve now, according to the last reading. */
  async #load(id: string): Promise<Loaded> {
    const errors = errorsOf(this.#declared);
    if (errors.length > 0) throw new SourceError(errors);
    const declaration = this.#declaration(id);
    if (declaration === undefined) throw new SourceError([`${id} is not declared any more.`]);
    return loaded(declaration, this.#options.secretsOf(declaration, this.#declared));
  }

  #declaration(id: string): Declaration | undefined {
    return this.#declared.declarations.find((declaration) => declaration.id === id);
  }

  #retire(id: string, gateway: RunningGateway): void {
    this.#members.delete(id);
    const closing = gateway.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #freePort(): number {
    const { port } = this.#options;
    if (port === 0) return 0;
    const taken = new Set([...this.#members.values()].map((member) => member.port));
    let free = port;
    while (taken.has(free)) free++;
    return free;
  }
}

function errorsOf(declared: Declared): readonly string[] {
  return declared.troubles.filter(({ level }) => level === "error").map(troubleText);
}
