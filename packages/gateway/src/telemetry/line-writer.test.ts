import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
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

  it("drops what nobody reads instead of keeping it, and says how much", async () => {
    const child = spawn(
      process.execPath,
      program(
        "for (let i = 0; i < 600; i++) { writer.write('x'.repeat(70000) + '\\n'); if (i % 50 === 0) await new Promise((r) => setTimeout(r, 5)); } setTimeout(() => writer.write('end\\n'), 500); setTimeout(() => {}, 1500);",
      ),
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let out = "";
    setTimeout(() => child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text)), 300);
    await once(child, "close");
    expect(out.length).toBeLessThan(30 << 20);
    expect(out).toMatch(/"msg":"\d+ log lines dropped/);
  });
});
