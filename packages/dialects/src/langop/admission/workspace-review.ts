import { posix } from "node:path";
import type { LanguageAgentSpec } from "../kinds/language-agent.ts";
import { compareQuantities, parseQuantity, quantityText } from "../status/quantity.ts";
import { nameText } from "./environment-review.ts";
import { isDnsName } from "./kubernetes-name.ts";
import { reviewQuantity } from "./resources-review.ts";
import type { Review } from "./review.ts";

/** Characters of a path; Linux takes 4096 bytes with the place of the volume in front. */
const longestPath = 1000;

type Workspace = LanguageAgentSpec["workspace"];

/** The files of a workspace travel in a ConfigMap, which has at most 1 MiB; some of it is left for the rest. */
const mostFileBytes = 1_000_000;

/** The volume of an agent (langop.md §2.1), and what an update would do to the one there is. */
export function reviewWorkspace(workspace: Workspace, old: Workspace | undefined, review: Review): void {
  const { size, mountPath, seedConfigMapRef, storageClassName = "", initialFiles = {}, enabled } = workspace;
  const quantity = reviewQuantity(size, review.within("size"));
  if (quantity?.nanos === 0n) review.refuse(["size"], "QuantityInvalid", "must be more than 0.");
  if (old?.enabled === true && enabled) reviewChange(workspace, old, review);
  reviewMountPath(mountPath, review.within("mountPath"));
  reviewFiles(initialFiles, review.within("initialFiles"));
  if (seedConfigMapRef !== undefined && !isDnsName(seedConfigMapRef.name)) {
    review.refuse(["seedConfigMapRef", "name"], "NameInvalid", nameText);
  }
  if (storageClassName !== "" && !isDnsName(storageClassName)) {
    review.refuse(["storageClassName"], "NameInvalid", nameText);
  }
  if (enabled) return;
  for (const field of ["initialFiles", "seedConfigMapRef"] as const) {
    if (workspace[field] === undefined) continue;
    review.warn([field], "WorkspaceDisabled", "has no effect while workspace.enabled is false.");
  }
}

/** A claim can be made larger, and nothing else of it can change. */
function reviewChange(workspace: Workspace, old: Workspace, review: Review): void {
  const [next, standing] = [parseQuantity(workspace.size), parseQuantity(old.size)];
  if (next !== undefined && standing !== undefined && compareQuantities(next, standing) < 0) {
    const text = `must not be less than ${quantityText(standing)}, what it was: a volume cannot shrink.`;
    review.refuse(["size"], "VolumeShrinks", text);
  }
  const instead =
    "cannot change: the volume is there already. Give the agent another name, or delete it first.";
  if (workspace.accessMode !== old.accessMode) review.refuse(["accessMode"], "VolumeImmutable", instead);
  if (workspace.storageClassName === old.storageClassName) return;
  if (old.storageClassName !== undefined) review.refuse(["storageClassName"], "VolumeImmutable", instead);
  else {
    const text = "counts for a new volume only: the one that is there keeps the class it was made with.";
    review.warn(["storageClassName"], "VolumeImmutable", text);
  }
}

/** Places that a pod has to itself, with all below them. */
const takenTrees = ["/etc/agent", "/proc", "/sys", "/dev"];
/** Places below which a volume may be. */
const takenFolders = ["/", "/etc", "/tmp"];

function reviewMountPath(path: string, review: Review): void {
  if (!path.startsWith("/") || path.includes(":") || path.split("/").includes("..")) {
    review.refuse([], "MountInvalid", 'must be an absolute path without a colon and without "..".');
    return;
  }
  const place = posix.normalize(path).replace(/(.)\/+$/u, "$1");
  const taken =
    takenFolders.includes(place) || takenTrees.some((tree) => place === tree || place.startsWith(`${tree}/`));
  if (taken) {
    const text = `must not be ${place}, which the agent's container needs for something else; an example is /workspace.`;
    review.refuse([], "MountInvalid", text);
  }
}

function reviewFiles(files: { readonly [path: string]: string }, review: Review): void {
  let bytes = 0;
  const paths = Object.keys(files);
  const folders = new Set(paths.filter(isFilePath).flatMap(foldersOf));
  for (const path of paths) {
    bytes += Buffer.byteLength(path) + Buffer.byteLength(files[path] ?? "");
    if (!isFilePath(path)) {
      const text =
        'must be a path inside the workspace: relative, without ".." or empty names, of at most 1000 characters.';
      review.refuse([path], "FilePathInvalid", text);
    } else if (folders.has(path)) {
      review.refuse([path], "FilePathInvalid", "is a file here and a folder of another file.");
    }
  }
  if (bytes > mostFileBytes) {
    const text = `must have at most ${mostFileBytes} bytes together. Larger ones belong into an image or a repository.`;
    review.refuse([], "FilesTooLarge", text);
  }
}

/** `a` and `a/b` of `a/b/c`. */
function foldersOf(path: string): readonly string[] {
  return Array.from(path.matchAll(/\//gu), ({ index }) => path.slice(0, index));
}

function isFilePath(path: string): boolean {
  return (
    path.length <= longestPath &&
    !/\p{Cc}/u.test(path) &&
    path.split("/").every((part) => !["", ".", ".."].includes(part))
  );
}
