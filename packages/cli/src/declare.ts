import { resolve } from "node:path";
import {
  dialects,
  type Manifest,
  placeOf,
  type Resource,
  readManifests,
  type World,
  worldOf,
} from "@gatewright/dialects";
import type { Secret } from "@gatewright/litellm";
import type { Engine, Finding, SecretKey } from "@gatewright/plan";
import { readConfigFile } from "./config-file.ts";
import { createdWorld } from "./created-world.ts";
import type { Declaration } from "./declaration.ts";
import { type DeclaredMember, declaredMembers } from "./declared-member.ts";
import type { Input } from "./input.ts";
import { modelFolderDeclaration } from "./model-folder.ts";
import { planDeclaration } from "./plan-declaration.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Locate, Trouble } from "./trouble.ts";

/** Everything that a user's files declare. */
export interface Declared {
  /** Those of manifests first, dialect by dialect, then configuration files, then model folders. */
  readonly declarations: readonly Declaration[];
  /** What runs beside the gateways. */
  readonly members: readonly DeclaredMember[];
  /** Findings about what belongs to no gateway. */
  readonly findings: readonly Finding[];
  /** What is wrong with the files. With an error among them nothing of this may be used. */
  readonly troubles: readonly Trouble[];
  readonly locate: Locate;
  /** Values of the Secret manifests. */
  readonly secret: (place: SecretKey) => Secret | undefined;
  /** Absolute paths whose change means that all this has changed. */
  readonly watch: readonly string[];
}

/**
 * What the input declares. `engine` decides for gateways that do not say so themselves; without it each dialect's own
 * default does. `agentKeys` is that of `ReadOptions`: without it nobody needs keys that only an operator makes. `created`
 * takes the manifests for what an API server would make of them. Relative paths start from the folder `from`.
 */
export function declare(
  input: Input,
  options: {
    readonly engine?: Engine;
    readonly from: string;
    readonly environment: Surroundings["environment"];
    readonly agentKeys?: (gateway: Resource, world: World) => boolean;
    readonly created?: boolean;
  },
): Declared {
  const { engine, from, agentKeys } = options;
  const { manifests, problems } = readManifests(input.manifests);
  const locate: Locate = (origin) => placeOf(origin, manifests);
  const world = options.created === true ? createdWorld(worldOf(manifests)) : worldOf(manifests);
  const readings = dialects.map((dialect) => ({
    dialect,
    ...dialect.read(world, {
      engine: engine ?? dialect.defaultEngine,
      ...(agentKeys === undefined ? {} : { agentKeys: (gateway) => agentKeys(gateway, world) }),
    }),
  }));
  const configs = readConfigs(input, from, engine ?? "native");
  const folders = input.modelFolders.map((folder) =>
    modelFolderDeclaration(folder, { folder: from, environment: options.environment }),
  );
  return {
    declarations: [
      ...readings.flatMap(({ dialect, gateways }) =>
        gateways.map((gateway) => {
          const { objects } = dialect;
          return planDeclaration(
            gateway,
            locate,
            objects === undefined ? undefined : (installation) => objects(world, gateway, installation),
          );
        }),
      ),
      ...configs.declarations,
      ...folders.flatMap(({ declaration }) => declaration ?? []),
    ],
    members: dialects.flatMap((dialect) => declaredMembers(dialect, world, locate)),
    findings: readings.flatMap((reading) => reading.findings),
    troubles: [
      ...input.troubles,
      ...problems.map(({ severity, ...problem }): Trouble => ({ level: severity, ...problem })),
      ...configs.troubles,
      ...folders.flatMap(({ troubles }) => troubles),
    ],
    locate,
    secret: secretValues(manifests),
    watch: [...input.watch, ...configs.watch],
  };
}

/** Configuration files that no other one includes: those are parts, not gateways. */
function readConfigs(
  input: Input,
  from: string,
  engine: Engine,
): {
  readonly declarations: readonly Declaration[];
  readonly troubles: readonly Trouble[];
  readonly watch: readonly string[];
} {
  const readings = input.configs.map((file) => ({
    file,
    path: resolve(from, file.path),
    ...readConfigFile(file, from, engine),
  }));
  const included = new Set(readings.flatMap(({ path, watch }) => watch.filter((read) => read !== path)));
  const roots = readings.filter(({ path }) => !included.has(path));
  return {
    declarations: roots.flatMap(({ declaration }) => declaration ?? []),
    troubles: roots.flatMap(({ troubles }) => troubles),
    watch: readings.flatMap(({ watch }) => watch),
  };
}

function secretValues(manifests: readonly Manifest[]): (place: SecretKey) => Secret | undefined {
  const values = new Map<string, Secret>();
  for (const { resource, secret } of manifests) {
    const { namespace = "", name } = resource.metadata;
    for (const [key, value] of Object.entries(secret?.values ?? {}))
      values.set(`${namespace}/${name}/${key}`, value);
  }
  return ({ namespace, name, key }) => values.get(`${namespace}/${name}/${key}`);
}
