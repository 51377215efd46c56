import { randomBytes } from "node:crypto";
import { SourceError } from "@gatewright/gateway";
import { agentSecretReference, keepAgentSecret, ownAgentKey } from "./agent-keys.ts";
import type { GatewayKey } from "./banner.ts";
import type { Declaration } from "./declaration.ts";
import type { Declared } from "./declare.ts";
import { gatewayKey, masterKeyReference } from "./master-key.ts";
import { type SecretSource, secretSource } from "./secret-lookup.ts";
import type { Surroundings } from "./surroundings.ts";

/** The secrets of gateways that run here: from the environment, from manifests, and from the data folder. */
export class UpSecrets {
  readonly #folder: string;
  readonly #environment: Surroundings["environment"];

  constructor(folder: string, environment: Surroundings["environment"]) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /** Where a gateway's secrets are; keys that it is to have are there afterwards. */
  readonly of = (declaration: Declaration, declared: Declared): SecretSource => {
    this.key(declaration, declared);
    return this.#source(declaration, declared);
  };

  /** The key for who runs the gateway. */
  key(declaration: Declaration, declared: Declared): GatewayKey {
    try {
      const source = this.#source(declaration, declared);
      keepAgentSecret(declaration, source, this.#folder, randomBytes);
      return gatewayKey(declaration, source, this.#folder, randomBytes);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new SourceError([
        `A key of ${declaration.title} is to be generated, but cannot be kept: ${why}. Choose a folder that can be written with --data.`,
      ]);
    }
  }

  /** The key for an agent: its own where the gateway asks for agent keys, else the one for who runs the gateway. */
  agentKey(uid: string | undefined, declaration: Declaration, declared: Declared): GatewayKey {
    const own = ownAgentKey(uid, declaration, this.of(declaration, declared));
    return own === undefined
      ? this.key(declaration, declared)
      : { kind: "value", value: own.reveal(), note: "an agent's" };
  }

  #source(declaration: Declaration, { secret }: Declared): SecretSource {
    const { references, environment, mounts } = declaration;
    const keys = [masterKeyReference(declaration), agentSecretReference(declaration)];
    return secretSource({
      environment: this.#environment,
      ...(environment === undefined ? {} : { resource: environment }),
      references: [...keys.filter((reference) => reference !== undefined), ...references],
      manifests: secret,
      ...(mounts === undefined ? {} : { mounts: [mounts] }),
      folder: this.#folder,
    });
  }
}
