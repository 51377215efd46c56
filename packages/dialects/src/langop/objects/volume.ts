import { createHash } from "node:crypto";
import { compareText, type Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import { fieldFinding, type ModelEntry } from "../read/entry.ts";

/** A volume of pods and where their container sees it, read-only. */
export interface Mount {
  /** Wanted name of the volume; it is changed when somebody else has it. */
  readonly name: string;
  readonly path: string;
  /** The volume but for its name. */
  readonly source: object;
  /** The container may write there. */
  readonly writable?: true;
}

/** The ConfigMap that configures a gateway, where the container of the dialect looks for it (langop.md §3.2). */
export function configMount(name: string): Mount {
  return { name: "models-config", path: "/etc/langop/models", source: { configMap: { name } } };
}

/** The merged Secret of a native gateway. Optional: a gateway whose models need no key has none. */
export function credentialsMount(name: string): Mount {
  const source = { secret: { secretName: name, optional: true } };
  return { name: "gateway-credentials", path: "/etc/gatewright/secrets", source };
}

/**
 * The Secrets of models as files (langop.md §3.2): the keys that are referred to, or the whole Secret. All of them are
 * optional, since one that is missing may take away its own model only (§6.2 row 3).
 */
export function secretMounts(entries: readonly ModelEntry[]): readonly Mount[] {
  const keys = new Map<string, Set<string> | "all">();
  for (const { spec } of entries) {
    const { apiKeySecretRef: one, credentialsSecretRef: whole } = spec;
    if (one !== undefined) {
      const known = keys.get(one.name) ?? new Set();
      if (known !== "all") keys.set(one.name, known.add(one.key));
    }
    if (whole !== undefined) keys.set(whole.name, "all");
  }
  const secrets = [...keys].sort(([a], [b]) => compareText(a, b));
  const names = volumeNames(secrets.map(([secret]) => secret));
  return secrets.map(([secret, wanted]) => {
    const items = wanted === "all" ? [] : [...wanted].sort(compareText).map((key) => ({ key, path: key }));
    return {
      name: names.get(secret) ?? secret,
      path: `/etc/secrets/${secret}`,
      source: { secret: { secretName: secret, ...(items.length === 0 ? {} : { items }), optional: true } },
    };
  });
}

/**
 * Names of the volumes of Secrets: `secret-<name>` with dots written as dashes, which can make two of them equal. Then
 * the Secret without dots keeps the name, else the first, and the others get a hash of their own name; so do names that
 * are too long. No name depends on the order in which models came.
 */
function volumeNames(secrets: readonly string[]): ReadonlyMap<string, string> {
  const holders = new Map<string, string>();
  for (const secret of secrets) {
    const name = plainName(secret);
    if (!holders.has(name) || name === `secret-${secret}`) holders.set(name, secret);
  }
  return new Map(
    secrets.map((secret) => {
      const name = plainName(secret);
      if (holders.get(name) === secret && name.length <= longestName) return [secret, name] as const;
      const hash = createHash("sha256").update(secret).digest("hex").slice(0, 8);
      return [secret, `${name.slice(0, longestName - 9)}-${hash}`] as const;
    }),
  );
}

/** Volume names are DNS labels. */
const longestName = 63;

function plainName(secret: string): string {
  return `secret-${secret.replaceAll(".", "-")}`;
}

/** Volumes of pods and mounts of their container: ours first, then the user's. */
export interface Volumes {
  readonly volumes: readonly object[];
  readonly volumeMounts: readonly object[];
  readonly findings: readonly Finding[];
}

/**
 * Puts ours and the user's together so that no name and no place is taken twice, which the API server would refuse.
 * Names of volumes are the user's before they are ours, because the user's mounts refer to them; places are ours.
 * `base` is the field of the resource that `deployment` is.
 */
export function joinVolumes(
  resource: Resource,
  mounts: readonly Mount[],
  deployment: Pick<DeploymentSpec, "volumes" | "volumeMounts"> | undefined,
  base: string,
): Volumes {
  const findings: Finding[] = [];
  const dropped = (field: string, text: string): void => {
    findings.push(fieldFinding(resource, `${base}.${field}`, "VolumeConflict", "dropped", text));
  };
  const names = new Set<string>();
  const theirs = (deployment?.volumes ?? []).filter(({ name }, index) => {
    const repeated = names.has(String(name));
    if (repeated) dropped(`volumes[${index}]`, `repeats the name ${String(name)}; the first one is used.`);
    names.add(String(name));
    return !repeated;
  });
  const places = new Set(mounts.map(({ path }) => path));
  const theirMounts = (deployment?.volumeMounts ?? []).filter(({ mountPath }, index) => {
    const place = String(mountPath).replace(/(.)\/+$/u, "$1");
    const taken = places.has(place);
    if (taken) {
      dropped(`volumeMounts[${index}]`, `is left out: something is mounted at ${place} already.`);
    }
    places.add(place);
    return !taken;
  });
  const named = mounts.map((mount) => {
    const name = freeName(mount.name, names);
    names.add(name);
    return { ...mount, name };
  });
  return {
    volumes: [...named.map(({ name, source }) => ({ name, ...source })), ...theirs],
    volumeMounts: [
      ...named.map(({ name, path, writable }) => ({
        name,
        mountPath: path,
        ...(writable ? {} : { readOnly: true }),
      })),
      ...theirMounts,
    ],
    findings,
  };
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted.slice(0, longestName - 4)}-${number}`;
  return name;
}
