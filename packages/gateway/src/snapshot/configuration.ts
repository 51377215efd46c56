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
    const readAt = Date.now();
    try {
      const loaded = await source.load();
      await watch?.follow(loaded.watch, readAt);
      return await prepare(loaded);
    } catch (error) {
      if (error instanceof SourceError && error.watch.length > 0) await watch?.follow(error.watch, readAt);
      throw error;
    }
  };

  const state: { snapshot: Snapshot; problems: readonly string[] } = { snapshot: await read(), problems: [] };
  events.served(state.snapshot);
  let reading: Promise<void> = Promise.resolve();

  const reloadNow = async (): Promise<void> => {
    try {
      const snapshot = await read();
      const changed = snapshot.digest !== state.snapshot.digest || state.problems.length > 0;
      state.snapshot = snapshot;
      state.problems = [];
      events.served(snapshot);
      if (changed) logger.info({ digest: snapshot.digest }, "configuration reloaded");
    } catch (error) {
      state.problems = error instanceof SourceError ? error.problems : [String(error)];
      events.refused(state.problems);
      logger.error(
        { problems: state.problems, serving: state.snapshot.digest },
        "configuration refused, the last good one keeps serving",
      );
    }
  };

  const configuration: Configuration = {
    get snapshot() {
      return state.snapshot;
    },
    get problems() {
      return state.problems;
    },
    async reload() {
      // One after the other, so that an older reading never replaces a newer one.
      reading = reading.then(reloadNow);
      return reading;
    },
    stop() {
      watch?.stop();
    },
  };
  return configuration;
}
