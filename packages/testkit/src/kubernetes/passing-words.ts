import { createHash } from "node:crypto";
import { agentKeyOf } from "./agent-key.ts";
import type { AnyObject } from "./world.ts";

/**
 * What in the objects of a world is another text in each run, and the word that stands for it: uids, random values, and
 * what follows from either: agents' keys, and digests of what holds an uid. Only what follows from the objects as they
 * stand has a word, so a key or digest of something else shows; except for hashes of Secrets, of which some are not among
 * the objects. Longer texts come first: they may begin with shorter ones.
 */
export function passingWords(objects: readonly AnyObject[]): readonly (readonly [string, string])[] {
  const words = new Map<string, string>();
  for (const object of objects) {
    const { kind, metadata, data = {}, spec } = object;
    const template = spec?.jobTemplate?.spec?.template ?? spec?.template;
    const hash = template?.metadata?.annotations?.["gatewright.dev/secrets-hash"];
    if (hash !== undefined) words.set(hash, `hash of the Secrets of ${metadata.name}`);
    words.set(metadata.uid, `uid of ${kind} ${metadata.name}`);
    if (kind === "Secret" && data["hmac-secret"] !== undefined) words.set(data["hmac-secret"], "random");
    if (kind === "LanguageAgent")
      for (const [text, word] of agentWords(object, objects)) words.set(text, word);
    if (kind === "ConfigMap" && data["config.yaml"] !== undefined) {
      const digest = digestOf(data["config.yaml"]);
      words.set(digest, `digest of ${metadata.name}`);
      words.set(digest.slice(0, 16), `short digest of ${metadata.name}`);
      words.set(gatewayHash(data), `hash of ${metadata.name}`);
    }
  }
  return [...words].sort(([a], [b]) => b.length - a.length);
}

export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The key of an agent; none while its gateway asks for none. */
function agentWords(
  { metadata: { namespace, name, uid } }: AnyObject,
  objects: readonly AnyObject[],
): readonly (readonly [string, string])[] {
  const signing = objects.find(
    ({ kind, metadata }) =>
      kind === "Secret" && metadata.namespace === namespace && metadata.name === "gateway-auth",
  )?.["data"]["hmac-secret"];
  if (signing === undefined) return [];
  const key = agentKeyOf(uid, Buffer.from(signing, "base64").toString());
  return [[Buffer.from(key).toString("base64"), `key of ${name}`]];
}

/** The annotation `langop.io/config-hash` of a gateway whose pods read no Secret of their own. */
function gatewayHash(data: { readonly [key: string]: string }): string {
  const hash = createHash("sha256").update("\0\0");
  for (const [key, value] of Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (key !== "runtime.json") hash.update(`${key}\0${value}\0`);
  }
  return hash.digest("hex").slice(0, 16);
}
