import type { Logger } from "../logger.ts";
import { type Loaded, type Source, SourceError } from "../source.ts";
import type { Snapshot } from "./snapshot.ts";
import { watchPaths } from "./watch.ts";

/** What is being served, and whether it is the newest that was written. */
export interface Configuration {
  /** Replaced as a whole; whoever needs it for longer than a moment holds on to the one it got. */
  readonly snapshot: Snapshot;
  /** Why the newest configuration is not the one served; empty when it is. */
  readonly problems: readonly string[];
  /** Reads the source now. Never throws: what cannot be served is reported and the last good one stays. */
  reload(): Promise<void>;
  stop(): void;
}

/** Pauses between attempts to read what was refused. */
const FIRST_PAUSE_MILLISECONDS = 1_000;
const LONGEST_PAUSE_MILLISECONDS = 60_000;

/** How the life of a configuration is told. */
export interface ConfigurationEvents {
  served(snapshot: Snapshot): void;
  refused(problems: readonly string[]): void;
}

/**
 * Reads a source and keeps reading it. The first reading must succeed (a `SourceError` otherwise); after that a
 * configuration that cannot be served leaves the last good one in place.
 */
export async function configure(
  source: Source,
  prepare: (loaded: Loaded) => Promise<Snapshot>,
  options: { readonly watch: boolean; readonly logger: Logger; readonly events: ConfigurationEvents },
): Promise<Configuration> {
  const { logger, events } = options;
  const watch = options.watch ? watchPaths(() => void configuration.reload()) : undefined;

  const read = async (): Promise<Snapshot> => {
    const reading = (await watch?.begin()) ?? { at: 0 };
    try {
      const loaded = await source.load();
      const { readAt } = loaded;
      await watch?.follow(loaded.watch, readAt === undefined ? reading : { at: readAt });
      return await prepare(loaded);
    } catch (error) {
      if (error instanceof SourceError && error.watch.length > 0) await watch?.follow(error.watch, reading);
      throw error;
    }
  };

  const state: { snapshot: Snapshot; problems: readonly string[] } = { snapshot: await read(), problems: [] };
  events.served(state.snapshot);
  let reading: Promise<void> = Promise.resolve();
  let failures = 0;
  let again: NodeJS.Timeout | undefined;
  let stopped = false;

  /**
   * What could not be read just now (no descriptor was left, a mount was half way through a swap) may be readable in a
   * moment, and no file changes then.
   */
  const tryAgain = (): void => {
    if (watch === undefined || stopped) return;
    const pause = Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** failures, LONGEST_PAUSE_MILLISECONDS);
    failures += 1;
    again = setTimeout(() => void reload("again"), pause);
    again.unref();
  };

  const reloadNow = async (why: "asked" | "again"): Promise<void> => {
    clearTimeout(again);
    if (why === "asked") failures = 0;
    try {
      const snapshot = await read();
      const changed = snapshot.digest !== state.snapshot.digest || state.problems.length > 0;
      state.snapshot = snapshot;
      state.problems = [];
      events.served(snapshot);
      if (changed) logger.info({ digest: snapshot.digest }, "configuration reloaded");
    } catch (error) {
      const before = state.problems;
      state.problems = error instanceof SourceError ? error.problems : [String(error)];
      tryAgain();
      // Told once, not with every attempt.
      if (why === "again" && state.problems.join() === before.join()) return;
      events.refused(state.problems);
      logger.error(
        { problems: state.problems, serving: state.snapshot.digest },
        "configuration refused, the last good one keeps serving",
      );
    }
  };

  const reload = async (why: "asked" | "again"): Promise<void> => {
    // One after the other, so that an older reading never replaces a newer one.
    reading = reading.then(async () => reloadNow(why));
    return reading;
  };

  const configuration: Configuration = {
    get snapshot() {
      return state.snapshot;
    },
    get problems() {
      return state.problems;
    },
    reload: async () => reload("asked"),
    stop() {
      stopped = true;
      clearTimeout(again);
      watch?.stop();
    },
  };
  return configuration;
}
