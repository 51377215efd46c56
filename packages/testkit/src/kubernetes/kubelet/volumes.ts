import { copyFile, lstat, mkdir, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type VolumeFiles, writeAtomically } from "./atomic-folder.ts";
import type { Claims } from "./claims.ts";
import { fieldValue, type PodPlace, resourceValue } from "./downward.ts";
import type { Container, KeyToPath, Pod, Volume, VolumeSource } from "./pod.ts";
import { MissingReference, type References, type Values } from "./references.ts";

const DEFAULT_MODE = 0o644;

/**
 * Writes all volumes of a Pod below `folder`, one folder each, or brings them up to date.
 * @throws MissingReference for what is not there and not optional; volumes before that one are written.
 */
export async function writeVolumes(
  pod: Pod,
  folder: string,
  references: References,
  claims: Pick<Claims, "folder">,
  place: PodPlace,
): Promise<void> {
  for (const volume of pod.spec.volumes ?? []) {
    const path = join(folder, volume.name);
    const { persistentVolumeClaim: claim } = volume;
    if (claim !== undefined) {
      await mkdir(folder, { recursive: true });
      const linked = (await lstat(path).catch(() => undefined)) !== undefined;
      if (!linked) await symlink(await claims.folder(pod.metadata.namespace, claim.claimName), path);
      continue;
    }
    const sources = sourcesOf(volume);
    if (sources === undefined) {
      await mkdir(path, { recursive: true });
      continue;
    }
    await writeAtomically(path, await readSources(pod, sources, references, place));
  }
}

/**
 * Where each mount of a container is: the volume's folder, or for a subPath what stands there now. A file under a
 * subPath is a copy, as the real one keeps what it was at the start of the container.
 */
export async function mountPaths(
  container: Container,
  volumes: string,
  copies: string,
): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const [index, { name, mountPath, subPath = "" }] of (container.volumeMounts ?? []).entries()) {
    let path = join(volumes, name, subPath);
    if (subPath !== "") {
      const kind = await stat(path).catch(() => undefined);
      if (kind?.isFile() === true) {
        const copy = join(copies, String(index), subPath.split("/").at(-1) ?? "file");
        await mkdir(dirname(copy), { recursive: true });
        await copyFile(path, copy);
        path = copy;
      } else await mkdir(path, { recursive: true });
    }
    paths.set(mountPath.replace(/(?<=.)\/+$/, ""), path);
  }
  return paths;
}

interface Sources {
  readonly sources: readonly VolumeSource[];
  readonly mode: number;
}

/** Undefined for a volume that starts empty. */
function sourcesOf({ configMap, secret, downwardAPI, projected }: Volume): Sources | undefined {
  if (configMap !== undefined)
    return { sources: [{ configMap }], mode: configMap.defaultMode ?? DEFAULT_MODE };
  if (secret !== undefined) {
    const { secretName = "", defaultMode, ...rest } = secret;
    return { sources: [{ secret: { ...rest, name: secretName } }], mode: defaultMode ?? DEFAULT_MODE };
  }
  if (downwardAPI !== undefined)
    return { sources: [{ downwardAPI }], mode: downwardAPI.defaultMode ?? DEFAULT_MODE };
  if (projected !== undefined)
    return { sources: projected.sources ?? [], mode: projected.defaultMode ?? DEFAULT_MODE };
  return undefined;
}

async function readSources(
  pod: Pod,
  { sources, mode }: Sources,
  references: References,
  place: PodPlace,
): Promise<VolumeFiles> {
  const { namespace, name, uid } = pod.metadata;
  const files = new Map<string, { content: Buffer; mode: number }>();
  for (const { configMap, secret, downwardAPI, serviceAccountToken } of sources) {
    for (const [kind, source] of [
      ["configMap", configMap],
      ["secret", secret],
    ] as const) {
      if (source === undefined) continue;
      const values = await references[kind](namespace, source.name ?? "");
      if (values === undefined) {
        if (source.optional === true) continue;
        throw new MissingReference(`${kind.toLowerCase()} "${source.name}" not found`);
      }
      for (const { key, path, mode: own } of source.items ?? everything(values)) {
        const content = values.get(key);
        if (content !== undefined) files.set(path, { content, mode: own ?? mode });
        else if (source.optional !== true) {
          throw new MissingReference(`${kind.toLowerCase()} "${source.name}" has no key ${key}`);
        }
      }
    }
    for (const { path, mode: own, fieldRef, resourceFieldRef } of downwardAPI?.items ?? []) {
      const text =
        fieldRef !== undefined
          ? fieldValue(pod, fieldRef, place)
          : resourceFieldRef === undefined
            ? ""
            : resourceValue(pod.spec.containers, resourceFieldRef);
      files.set(path, { content: Buffer.from(text), mode: own ?? mode });
    }
    if (serviceAccountToken !== undefined) {
      const { path, ...request } = serviceAccountToken;
      const serviceAccount = pod.spec.serviceAccountName ?? "default";
      const token = await references.token({ namespace, serviceAccount, pod: { name, uid }, ...request });
      files.set(path, { content: Buffer.from(token), mode });
    }
  }
  return files;
}

function everything(values: Values): readonly KeyToPath[] {
  return [...values.keys()].map((key) => ({ key, path: key }));
}
