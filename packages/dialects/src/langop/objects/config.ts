import { createHash } from "node:crypto";
import { dataBytes, mostDataBytes } from "@gatewright/kubernetes";
import type { Delivered, Secret } from "@gatewright/litellm";
import { canonicalText, compareText, type Finding, type Origin, originText } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import type { LanguageModelSpec } from "../kinds/language-model.ts";
import { fieldFinding, readEntries } from "../read/entry.ts";

/** The key with what a gateway may know and does not have to: it is outside the hash and the digest. */
const hintsKey = "runtime.json";

/** The data of the ConfigMap that a gateway is configured by. */
export interface ConfigData {
  readonly data: { readonly [key: string]: string };
  /** `ConfigTooLarge` is blocked on the gateway. */
  readonly findings: readonly Finding[];
}

/**
 * Data of `gateway-config`: the models' specs (langop.md §3.1), and the document made of them. The specs are spelled as
 * the API server stores them, defaults filled in and keys sorted, so that a manifest gives the bytes that its resource gives.
 */
export function sharedConfig(
  cluster: Origin,
  models: readonly Resource[],
  document: Delivered,
  readyReplicas: number,
): ConfigData {
  const findings: Finding[] = [];
  const data: Record<string, string> = {};
  for (const { name, resource, spec } of readEntries(models).entries) {
    const key = `model__${name}.json`;
    if (key.length <= 253) data[key] = canonicalText(spec);
    else {
      findings.push(
        fieldFinding(
          resource,
          "metadata.name",
          "NameTooLong",
          "dropped",
          `is too long for a key of the ConfigMap gateway-config, so its file is missing there. The gateway serves the model all the same.`,
        ),
      );
    }
  }
  return sized(cluster, { ...data, ...rendered(document, readyReplicas) }, findings);
}

/** Data of `<model>-model` (langop.md §4.3), and the document. Members that the spec does not have are left out. */
export function standaloneConfig(
  spec: LanguageModelSpec,
  origin: Origin,
  document: Delivered,
  readyReplicas: number,
): ConfigData {
  const data: Record<string, string> = { "model.json": canonicalText(spec) };
  for (const field of ["provider", "modelName", "endpoint", "timeout"] as const) {
    const value = spec[field];
    if (value !== undefined) data[field] = value;
  }
  for (const field of ["apiKeySecretRef", "rateLimits", "fallbacks"] as const) {
    const value = spec[field];
    if (value !== undefined) data[`${field}.json`] = canonicalText(value);
  }
  return sized(origin, { ...data, ...rendered(document, readyReplicas) }, []);
}

/** First 16 hexadecimal digits of a hash over everything that only a new process would take up (langop.md §3.2). */
export function configHash(
  data: { readonly [key: string]: string },
  secrets: { readonly hmacSecret?: Secret | undefined; readonly secretsHash?: string | undefined },
): string {
  const hash = createHash("sha256");
  hash.update(`${secrets.hmacSecret?.reveal() ?? ""}\0${secrets.secretsHash ?? ""}\0`);
  for (const [key, value] of Object.entries(data).sort(([a], [b]) => compareText(a, b))) {
    if (key !== hintsKey) hash.update(`${key}\0${value}\0`);
  }
  return hash.digest("hex").slice(0, 16);
}

function rendered({ text }: Delivered, readyReplicas: number): { readonly [key: string]: string } {
  return { "config.yaml": text, [hintsKey]: JSON.stringify({ replicas: readyReplicas }) };
}

function sized(origin: Origin, data: ConfigData["data"], findings: Finding[]): ConfigData {
  const bytes = dataBytes(data);
  if (bytes > mostDataBytes) {
    findings.push({
      code: "ConfigTooLarge",
      effect: "blocked",
      origin,
      text: `${originText(origin)}: the configuration of its gateway has ${bytes} bytes, and a ConfigMap holds at most ${mostDataBytes}. The last one that fitted stays in force; move models to another namespace, or shorten their params.`,
    });
  }
  return { data, findings };
}
