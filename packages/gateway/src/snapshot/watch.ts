import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Two looks apart by this much must agree before a change counts: an editor may be half way through writing. */
const LOOK_MILLISECONDS = 250;

/** File systems stamp with the kernel's tick, which may lag the clock by this much. */
const CLOCK_TICK_MILLISECONDS = 10;

/** A running watch. */
export interface Watch {
  /**
   * Replaces what is watched. `readAt` (epoch milliseconds) is when the reading of these paths began: what was
   * written after that was perhaps not read, so it counts as a change.
   */
  follow(paths: readonly string[], readAt: number): Promise<void>;
  stop(): void;
}

/**
 * Calls `changed` when a file or folder (or an entry of a folder) among the followed paths has changed and has been
 * still for one look. Looks by `stat` instead of listening to the file system: Kubernetes swaps mounted ConfigMaps by
 * a symbolic link, and network and overlay file systems do not report changes at all.
 */
export function watchPaths(changed: () => void): Watch {
  let paths: readonly string[] = [];
  let served = "";
  let last = "";
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    const looked = paths;
    const now = await fingerprint(looked);
    if (stopped) return;
    if (looked === paths) {
      const still = now.text === last;
      last = now.text;
      if (still && now.text !== served) {
        served = now.text;
        changed();
      }
    }
    timer = setTimeout(() => void look(), LOOK_MILLISECONDS);
    timer.unref();
  };

  return {
    async follow(next, readAt) {
      paths = [...next].sort();
      const now = await fingerprint(paths);
      const newest = Math.max(now.newest, await lastSwap(paths));
      served = newest < readAt - CLOCK_TICK_MILLISECONDS ? now.text : "";
      last = now.text;
      if (timer !== undefined || stopped) return;
      timer = setTimeout(() => void look(), LOOK_MILLISECONDS);
      timer.unref();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

interface Fingerprint {
  /** Equal exactly when nothing was written, replaced, added or removed. */
  readonly text: string;
  /** Latest time of change, epoch milliseconds; 0 when nothing is there. */
  readonly newest: number;
}

async function fingerprint(paths: readonly string[]): Promise<Fingerprint> {
  const marks = await Promise.all(paths.map(async (path) => mark(path)));
  return {
    text: marks.map((one) => one.text).join("\n"),
    newest: Math.max(0, ...marks.map((one) => one.newest)),
  };
}

/**
 * When last something was put into, or taken out of, the folders of these paths, epoch milliseconds. A file that is
 * moved into place, or reached through a link that is swapped, is older than the moment it came to be there.
 */
async function lastSwap(paths: readonly string[]): Promise<number> {
  const folders = new Set(paths.flatMap((path) => [dirname(path), path]));
  const times = await Promise.all(
    [...folders].map(async (folder) => {
      const found = await stat(folder).catch(() => undefined);
      return found?.isDirectory() === true ? found.mtimeMs : 0;
    }),
  );
  return Math.max(0, ...times);
}

async function mark(path: string): Promise<Fingerprint> {
  const entries = await readdir(path).catch(() => undefined);
  if (entries === undefined) return markFile(path);
  const inside = await Promise.all(entries.sort().map(async (entry) => markFile(join(path, entry))));
  return {
    text: `${path}/ ${inside.map((one) => one.text).join(" ")}`,
    newest: Math.max(0, ...inside.map((one) => one.newest)),
  };
}

async function markFile(path: string): Promise<Fingerprint> {
  try {
    const found = await stat(path, { bigint: true });
    if (found.isDirectory()) return { text: `${path}/`, newest: 0 };
    return {
      text: `${path} ${found.ino} ${found.size} ${found.mtimeNs}`,
      newest: Number(found.mtimeNs / 1_000_000n),
    };
  } catch {
    return { text: `${path} absent`, newest: 0 };
  }
}
