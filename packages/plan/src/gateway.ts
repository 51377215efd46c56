import type { Budget } from "./budget.ts";
import type { Cache } from "./cache.ts";
import type { Credential } from "./credential.ts";
import type { Exposure } from "./exposure.ts";
import type { Guard } from "./guard.ts";
import type { Identity } from "./identity.ts";
import type { Key } from "./key.ts";
import type { Limit } from "./limit.ts";
import type { Model } from "./model.ts";
import type { Network } from "./network.ts";
import type { Origin } from "./origin.ts";
import type { Overlay } from "./overlay.ts";
import type { Route } from "./route.ts";
import type { Telemetry } from "./telemetry.ts";
import type { Tenant } from "./tenant.ts";
import type { Tool } from "./tool.ts";
import type { Workload } from "./workload.ts";

/** Concerns that are lists of entities, each of one origin. */
export interface EntityConcerns {
  readonly model: Model;
  readonly credential: Credential;
  readonly limit: Limit;
  readonly guard: Guard;
  readonly tool: Tool;
  readonly overlay: Overlay;
}

/** Concerns that are one value for the whole gateway, to which several resources may contribute. */
export interface SettingConcerns {
  readonly route: Route;
  readonly budget: Budget;
  readonly key: Key;
  readonly tenant: Tenant;
  readonly cache: Cache;
  readonly network: Network;
  readonly exposure: Exposure;
  readonly workload: Workload;
  readonly identity: Identity;
  readonly telemetry: Telemetry;
}

export type EntityConcern = keyof EntityConcerns;
export type SettingConcern = keyof SettingConcerns;
export type Concern = EntityConcern | SettingConcern;

/** Which program runs the gateway: Gatewright's own, or the LiteLLM image. */
export type Engine = "native" | "litellm";

/**
 * How the document is spelled. Users diff it and hashes depend on it, so it is the dialect's.
 * `keys`: `contract` keeps the order in which the contract lists them, `sorted` sorts every level.
 */
export interface Layout {
  readonly indent: 2 | 4;
  readonly keys: "contract" | "sorted";
  /** Write `model_list: []` when there are no models, where users expect the key (palena.md §2.3). */
  readonly emptyModelList?: boolean;
}

/** Which gateway a plan is for. */
export interface GatewayHeader {
  readonly dialect: string;
  readonly namespace: string;
  readonly name: string;
  readonly origin: Origin;
  readonly engine: Engine;
  readonly layout: Layout;
  /** Protective settings the user accepts to go without (annotation `gatewright.dev/allow-unsupported`). */
  readonly allowUnsupported?: readonly string[];
}

/**
 * The gateway plan: everything the resources of one gateway say, as one value.
 * JSON only, frozen, keys sorted; equal resources give equal bytes whatever order they were read in.
 */
export type GatewayPlan = GatewayHeader & {
  readonly [C in EntityConcern]: readonly EntityConcerns[C][];
} & { readonly [C in SettingConcern]: SettingConcerns[C] };

/** What one resource contributes to a plan. */
export type Part =
  | {
      [C in EntityConcern]: {
        readonly concern: C;
        readonly position?: number;
        readonly value: EntityConcerns[C];
      };
    }[EntityConcern]
  | {
      [C in SettingConcern]: {
        readonly concern: C;
        readonly origin: Origin;
        readonly value: SettingConcerns[C];
      };
    }[SettingConcern];
