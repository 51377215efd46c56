import type { Installation } from "@gatewright/dialects";
import type { Client, Recorder } from "@gatewright/reconcile";
import type { DigestReader } from "../gateway-digests.ts";
import type { NameResolver } from "../name-resolver.ts";
import type { ObjectReader } from "../object-reader.ts";
import type { GatewayReader } from "./gateway-reader.ts";
import type { LangopStores } from "./langop-stores.ts";
import type { UnwatchedObjects } from "./unwatched-objects.ts";

/** What the controllers of the dialect work with. */
export interface LangopContext {
  readonly client: Client;
  readonly stores: LangopStores;
  readonly unwatched: UnwatchedObjects;
  readonly reader: GatewayReader;
  /** Names of the keys of Secrets. */
  readonly secrets: ObjectReader<readonly string[]>;
  readonly resolver: NameResolver;
  readonly digests: DigestReader;
  readonly events: Recorder;
  /** Anew at every call: optional APIs come and go. */
  readonly installation: () => Installation;
  /** Namespaces this operator acts in; empty: all. LanguageClusters of other names are somebody else's. */
  readonly watchNamespaces: readonly string[];
  readonly validateDomains: boolean;
  readonly standaloneAfterSeconds: number;
  /** Milliseconds since 1970: what the API server's timestamps are compared with. */
  readonly now: () => number;
}
