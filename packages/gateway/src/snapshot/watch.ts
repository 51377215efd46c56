import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Two looks apart by this much must agree before a change counts: an editor may be half way through writing. */
const LOOK_MILLISECONDS = 250;

/** What never rests (a log beside the configuration) must not keep what changed beside it from being read for longer. */
const UNREST_MILLISECONDS = 5_000;

/**
 * Of a path that was not followed when its reading began, only its times tell whether it was written since. File systems
 * stamp with the kernel's tick, which on a busy machine lags far behind the clock: what is this close counts as since.
 */
const CLOCK_LAG_MILLISECONDS = 1_000;

/** The moment a reading begins. */
export interface Reading {
  /** Epoch milliseconds. */
  readonly at: number;
  /** What the followed paths were like then, by path. */
  readonly marks?: ReadonlyMap<string, string>;
}

/** A running watch. */
export interface Watch {
  /** To be called before reading, so that what changes while it is read counts as a change. */
  begin(): Promise<Reading>;
  /** Replaces what is watched, by what the reading that began then has read. */
  follow(paths: readonly string[], reading: Reading): Promise<void>;
  stop(): void;
}

/**
 * Calls `changed` when a file or folder (or an entry of a folder) among the followed paths is not what was read, and has
 * been still for one look. Looks by `stat` instead of listening to the file system: Kubernetes swaps mounted ConfigMaps
 * by a symbolic link, and network and overlay file systems do not report changes at all.
 */
export function watchPaths(changed: () => void): Watch {
  let paths: readonly string[] = [];
  let served = "";
  let last = "";
  let stillAt = performance.now();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    const looked = paths;
    const now = textOf(await fingerprint(looked));
    if (stopped) return;
    if (looked === paths) {
      const at = performance.now();
      const still = now === last;
      if (still) stillAt = at;
      last = now;
      if (now !== served && (still || at - stillAt > UNREST_MILLISECONDS)) {
        stillAt = at;
        served = now;
        changed();
      }
    }
    plan();
  };
  const plan = (): void => {
    timer = setTimeout(() => void look(), LOOK_MILLISECONDS);
    timer.unref();
  };

  return {
    async begin() {
      const at = Date.now();
      const marks = await fingerprint(paths);
      return { at, marks: new Map(marks.map(({ path, text }) => [path, text])) };
    },
    async follow(next, { at, marks }) {
      paths = [...next].sort();
      const now = await fingerprint(paths);
      const read = await Promise.all(
        now.map(async (mark) => {
          const text = marks?.get(mark.path);
          if (text !== undefined) return { text };
          const newest = Math.max(mark.newest, await lastSwap(mark.path));
          return newest < at - CLOCK_LAG_MILLISECONDS ? mark : { text: `${mark.path} perhaps not read` };
        }),
      );
      served = textOf(read);
      last = textOf(now);
      if (timer === undefined && !stopped) plan();
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

interface Mark extends Fingerprint {
  readonly path: string;
}

async function fingerprint(paths: readonly string[]): Promise<readonly Mark[]> {
  return Promise.all(paths.map(async (path) => ({ path, ...(await mark(path)) })));
}

function textOf(marks: readonly Pick<Fingerprint, "text">[]): string {
  return marks.map(({ text }) => text).join("\n");
}

/**
 * When last something was put into, or taken out of, the folder of a path, or the path where it is a folder, epoch
 * milliseconds. A file that is moved into place, or reached through a link that is swapped, is older than the moment it
 * came to be there.
 */
async function lastSwap(path: string): Promise<number> {
  const times = await Promise.all(
    [dirname(path), path].map(async (folder) => {
      const found = await stat(folder).catch(() => undefined);
      return found?.isDirectory() === true ? found.mtimeMs : 0;
    }),
  );
  return Math.max(...times);
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
