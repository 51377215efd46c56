import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLogger } from "../logger.ts";
import { type Loaded, type Source, SourceError } from "../source.ts";
import { type Configuration, configure } from "./configuration.ts";
import type { Snapshot } from "./snapshot.ts";

let folder: string;
let file: string;
let configuration: Configuration | undefined;
const refused = vi.fn();
const logger = createLogger({ tty: false, level: "fatal" });
/** A moment so late that no file counts as written after it. */
const late = (): number => Date.now() + 60_000;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatewright-configuration-"));
  file = join(folder, "config.yaml");
  refused.mockClear();
});
afterEach(() => {
  configuration?.stop();
  configuration = undefined;
  rmSync(folder, { recursive: true });
});

/** Writes without a trace in the file's times: texts of one length look alike. */
function write(text: string): void {
  writeFileSync(file, text);
  utimesSync(file, 1, 1);
}

const start = async (load: () => Promise<Partial<Loaded>>): Promise<Configuration> => {
  const source: Source = { load: async () => ({ watch: [file], ...(await load()) }) as Loaded };
  configuration = await configure(source, async ({ digest }) => ({ digest }) as Snapshot, {
    watch: true,
    logger,
    events: { served: () => {}, refused },
  });
  return configuration;
};
const digest = () => configuration?.snapshot.digest;

describe("a configuration", () => {
  it("comes to what was written, whenever it was written while another was read", async () => {
    write("start");
    let loads = 0;
    // Every load changes the file behind its own back until enough is enough, at all moments of a load in turn.
    await start(async () => {
      const turn = loads;
      loads += 1;
      const text = readFileSync(file, "utf8");
      if (turn >= 1 && turn <= 3) {
        if (turn === 2) await new Promise((resolve) => setTimeout(resolve, 300));
        write(`behind ${"x".repeat(turn)}`);
        if (turn === 3) await new Promise((resolve) => setTimeout(resolve, 600));
      }
      return { digest: text, readAt: turn === 0 ? late() : undefined } as Partial<Loaded>;
    });
    write("the next one");
    await vi.waitFor(() => expect(digest()).toBe("behind xxx"), 15_000);
    const settled = loads;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(loads).toBe(settled);
  });

  it("reads again what was written between its first reading and its start", async () => {
    write("old");
    const readAt = Date.now();
    const text = readFileSync(file, "utf8");
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    writeFileSync(file, "new");
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    let first = true;
    await start(async () => {
      const input = first ? { digest: text, readAt } : { digest: readFileSync(file, "utf8") };
      first = false;
      return input;
    });
    expect(digest()).toBe("old");
    await vi.waitFor(() => expect(digest()).toBe("new"), 10_000);
  });

  it.each([
    { name: "with files to watch", error: () => new SourceError(["it cannot be read"], [file]) },
    { name: "without", error: () => new SourceError(["it cannot be read"]) },
    { name: "that nobody expected", error: () => new Error("EMFILE: too many open files") },
  ])("tries again after a failure $name, although no file changes, and tells it once", async ({ error }) => {
    write("one");
    let trouble = 0;
    await start(async () => {
      if (trouble > 0) {
        trouble -= 1;
        throw error();
      }
      return { digest: readFileSync(file, "utf8"), readAt: late() };
    });
    trouble = 2;
    write("two, longer");
    await vi.waitFor(() => expect(configuration?.problems).toHaveLength(1), 10_000);
    expect(digest()).toBe("one");
    await vi.waitFor(() => expect(digest()).toBe("two, longer"), 15_000);
    expect(configuration?.problems).toEqual([]);
    expect(refused).toHaveBeenCalledTimes(1);
  });
});
