import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const module = JSON.stringify(fileURLToPath(new URL("line-writer.ts", import.meta.url)));
const program = (body: string): string[] => [
  "--input-type=module",
  "-e",
  `import { LineWriter } from ${module}; const writer = new LineWriter(1); ${body}`,
];

describe("LineWriter", () => {
  it("writes every line, in order, also those that wait when the process exits", () => {
    const out = execFileSync(
      process.execPath,
      program("for (let i = 0; i < 20000; i++) writer.write('line ' + i + '\\n');"),
      { encoding: "utf8", maxBuffer: 1 << 24 },
    );
    expect(out.trimEnd().split("\n")).toEqual(Array.from({ length: 20_000 }, (_, index) => `line ${index}`));
  });

  it("lives on when its reader has gone", async () => {
    const child = spawn(
      process.execPath,
      program(
        "const t = setInterval(() => writer.write('x'.repeat(70000) + '\\n'), 5); setTimeout(() => { clearInterval(t); process.exitCode = 7; }, 300);",
      ),
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    child.stdout.once("data", () => child.stdout.destroy());
    expect(await once(child, "exit")).toEqual([7, null]);
  });

  it("drops what nobody reads instead of keeping or waiting for it, and says how much", () => {
    const folder = mkdtempSync(join(tmpdir(), "gatewright-lines-"));
    const body = `
      for (let i = 0; i < 600; i++) writer.write("x".repeat(70000) + "\\n");
      (await import("node:fs")).writeFileSync(process.env.WRITTEN, "");
      setTimeout(() => writer.write("end\\n"), 3000);`;
    // A real pipe (Node would give the child a socket), read only when the writer has said everything: a writer that
    // waited for its reader would never get there.
    const command =
      '"$NODE" --input-type=module -e "$PROGRAM" | (while [ ! -e "$WRITTEN" ]; do sleep 0.05; done; cat)';
    const { stdout } = spawnSync("sh", ["-c", command], {
      env: {
        ...process.env,
        NODE: process.execPath,
        PROGRAM: program(body)[2],
        WRITTEN: join(folder, "written"),
      },
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    rmSync(folder, { recursive: true });
    expect(stdout.length).toBeLessThan(18 << 20);
    expect(stdout).toMatch(/"msg":"\d+ bytes of log dropped/);
    expect(stdout.endsWith("end\n")).toBe(true);
  }, 60_000);
});
