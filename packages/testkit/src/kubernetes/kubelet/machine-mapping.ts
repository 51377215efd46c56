/**
 * All Pods share one file system and one loopback, so what a Pod spec says of paths and ports is put in terms of this
 * machine. Only in command, arguments and values of the environment, never in files:
 * - a mountPath, at the start of a value or after a character that is no part of a path, becomes the folder (or file) that is mounted;
 * - a containerPort that is a whole value, or its end after `=` or `:`, becomes the port really listened on; not at the
 *   end of another host's URL: another Pod's port is not this one's, be it the same number.
 */
export interface MachineMapping {
  /** mountPath → path here. */
  readonly paths: ReadonlyMap<string, string>;
  /** containerPort → port here. */
  readonly ports: ReadonlyMap<number, number>;
}

/** The value as a process on this machine must be given it. */
export function onThisMachine(value: string, { paths, ports }: MachineMapping): string {
  // The longest first: a mount inside another's path hides that part of it. All in one pass: what a path was
  // replaced by is not looked at again.
  const mounts = [...paths.keys()].sort((a, b) => b.length - a.length);
  const alternatives = mounts.map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const placed =
    mounts.length === 0
      ? value
      : value.replace(
          new RegExp(`(?<![\\w./-])(?:${alternatives})(?=$|[^\\w.-])`, "g"),
          (path) => paths.get(path) ?? path,
        );
  if (/\/\/(?!localhost:|127\.|0\.0\.0\.0:|\[::1?\]:)[^/]*$/.test(placed)) return placed;
  return placed.replace(/(?<=^|[=:])\d+$/, (port) => String(ports.get(Number(port)) ?? port));
}
