import { createHash } from "node:crypto";
import type { Client } from "@gatewright/reconcile";
import type { ObjectReader } from "./object-reader.ts";
import { secretValues } from "./secret-values.ts";

/** A hash over what Secrets hold, for engines that read keys only when they start. */
export interface SecretHasher {
  /** Hexadecimal SHA-256 over the data of the Secrets, `namespace/name` each; the ones that are absent count as such. */
  hash(key: string, places: readonly string[]): Promise<string>;
  forget(key: string): void;
}

/** Reads the Secrets again only when one of them changed. */
export function createSecretHasher(client: Client, secrets: ObjectReader<object>): SecretHasher {
  const known = new Map<string, { readonly versions: string; readonly hash: string }>();
  return {
    async hash(key, places) {
      const named = places.map((place) => {
        const [namespace = "", name = ""] = place.split("/");
        return { place, namespace, name };
      });
      const versions = named
        .map(({ place, namespace, name }) => `${place} ${secrets.version(namespace, name) ?? "absent"}`)
        .join();
      const last = known.get(key);
      if (last?.versions === versions) return last.hash;
      const hash = createHash("sha256");
      for (const { place, namespace, name } of named) {
        const values = await secretValues(client, namespace, name);
        const entries = [...(values ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
        // As JSON, so that no two sets of values can be spelled alike.
        hash.update(JSON.stringify([place, entries.map(([file, value]) => [file, value.reveal()])]));
      }
      const value = hash.digest("hex");
      known.set(key, { versions, hash: value });
      return value;
    },
    forget: (key) => void known.delete(key),
  };
}
