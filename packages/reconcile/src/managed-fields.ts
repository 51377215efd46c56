import type { FieldsV1, ManagedFieldsEntry } from "./object.ts";

/** All paths of both trees. */
export function unionFields(one: FieldsV1, other: FieldsV1): FieldsV1 {
  const union: Record<string, FieldsV1> = { ...one };
  for (const [step, below] of Object.entries(other)) {
    const standing = union[step];
    union[step] = standing === undefined ? below : unionFields(standing, below);
  }
  return union;
}

/** Whether the tree holds the path or anything below it. */
export function holdsField(fields: FieldsV1, path: readonly string[]): boolean {
  let at: FieldsV1 | undefined = fields;
  for (const step of path) at = at?.[step];
  return at !== undefined;
}

/** The tree without the path and what is below it; a step that leads nowhere any longer goes with it. */
export function withoutField(fields: FieldsV1, path: readonly string[]): FieldsV1 {
  const [step, ...rest] = path;
  const below = step === undefined ? undefined : fields[step];
  if (step === undefined || below === undefined) return fields;
  const { [step]: _, ...others } = fields;
  if (rest.length === 0) return others;
  const left = withoutField(below, rest);
  return Object.keys(left).length === 0 ? others : { ...others, [step]: left };
}

/** The entry of what this manager has applied to the object itself, not to a sub-resource. */
export function appliedEntry(
  entries: readonly ManagedFieldsEntry[],
  manager: string,
): ManagedFieldsEntry | undefined {
  return entries.find(
    (entry) => entry.manager === manager && entry.operation === "Apply" && isOfObject(entry),
  );
}

export interface HandOver {
  /** The manager whose Apply entry is to hold the fields. */
  readonly manager: string;
  /** Managers whose Update entries it takes over, as long as it has applied nothing yet. */
  readonly adopt: readonly string[];
  /** Paths it lets go of: the values stay and belong to nobody. */
  readonly release: readonly (readonly string[])[];
}

/**
 * The entries as they are to be before `manager` applies, or undefined when they are so already.
 *
 * Without the adoption, what the replaced manager wrote and the new one no longer says would stay for ever, since
 * server-side apply removes only what the same manager applied before. Once `manager` has an entry nothing is adopted
 * any more: `manager` is a name that many programs bear, and what another one adds later is not ours to remove.
 * Without the release, leaving out a field that somebody else has begun to steer (replicas) would reset it.
 */
export function handOverFields(
  entries: readonly ManagedFieldsEntry[],
  { manager, adopt, release }: HandOver,
): readonly ManagedFieldsEntry[] | undefined {
  const own = appliedEntry(entries, manager);
  const replaced = own === undefined ? entries.filter((entry) => isReplaced(entry, adopt)) : [];
  // Paths mean what they mean in one version of the kind; entries of another one cannot be put into the same tree.
  const version = own?.apiVersion ?? replaced[0]?.apiVersion;
  const moved = replaced.filter(({ apiVersion }) => apiVersion === version);
  const before = [...(own === undefined ? [] : [own]), ...moved];
  let fields: FieldsV1 = {};
  for (const entry of before) fields = unionFields(fields, entry.fieldsV1 ?? {});
  const released = release.filter((path) => holdsField(fields, path));
  if (moved.length === 0 && released.length === 0) return undefined;
  for (const path of released) fields = withoutField(fields, path);
  const others = entries.filter((entry) => !before.includes(entry));
  return [...others, { ...before[0], manager, operation: "Apply", fieldsV1: fields }];
}

function isReplaced(entry: ManagedFieldsEntry, adopt: readonly string[]): boolean {
  return entry.operation === "Update" && isOfObject(entry) && adopt.includes(entry.manager ?? "");
}

function isOfObject({ subresource }: ManagedFieldsEntry): boolean {
  return subresource === undefined || subresource === "";
}
