import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { expect, test } from "vitest";
import { freePort } from "./free-port.ts";
import { startProcess } from "./process.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { waitFor, within } from "./wait.ts";

/** A process that listens to nothing but what the code says. */
function script(code: string): ReturnType<typeof startProcess> {
  return startProcess(process.execPath, ["-e", code], { name: "the script" });
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("a process is gone when its block is left", async () => {
  let pid = 0;
  {
    await using running = script('console.log("ready 42"); setInterval(() => {}, 1000)');
    const [, number] = await running.line(/ready (\d+)/);
    expect(number).toBe("42");
    pid = running.pid;
    expect(alive(pid)).toBe(true);
  }
  expect(alive(pid)).toBe(false);
});

test("one that ignores SIGTERM is killed", async () => {
  await using running = script(
    'process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)',
  );
  await running.line(/ready/);
  expect(await running.stop(50)).toEqual({ code: null, signal: "SIGKILL" });
});

test("a line that never comes is told with what was said instead", async () => {
  await using ended = script('console.error("no such file")');
  await expect(ended.line(/ready/)).rejects.toThrow(/ended before.*\n.*\nno such file/);
  expect(await ended.exited).toEqual({ code: 0, signal: null });
  await using silent = script('console.log("something else"); setInterval(() => {}, 1000)');
  await silent.line(/something/);
  await expect(silent.line(/ready/, 30)).rejects.toThrow(/not within 30 ms\n.*\nsomething else/);
});

test("a command that is not there ends as a shell would say it", async () => {
  await using missing = startProcess("there-is-no-such-command", []);
  expect(await missing.exited).toEqual({ code: 127, signal: null });
  expect(missing.stderr).toContain("ENOENT");
});

test("the fake upstream runs as a process", async () => {
  const port = await freePort();
  const main = new URL("./fake-upstream/main.ts", import.meta.url).pathname;
  await using upstream = startProcess(process.execPath, [main, "--port", String(port)]);
  await upstream.line(new RegExp(`on http://127\\.0\\.0\\.1:${port}`));
  const response = await fetch(`http://127.0.0.1:${port}/v1/completions`, {
    method: "POST",
    body: '{"model":"m","prompt":"x"}',
  });
  expect(await response.json()).toMatchObject({ object: "text_completion", model: "m" });
  expect(await upstream.stop()).toEqual({ code: 0, signal: null });
});

test("ports are not given twice, and runs of them do not overlap", async () => {
  const first = await Promise.all([freePort(3), freePort(3), freePort(3)]);
  const sorted = [...first].sort((a, b) => a - b);
  for (const [index, port] of sorted.entries()) {
    expect(port - (sorted[index - 1] ?? 0)).toBeGreaterThanOrEqual(3);
  }
});

test("a temporary folder is written, replaced and gone", async () => {
  let path = "";
  {
    await using folder = await temporaryFolder({ "a/b.txt": "one" });
    path = folder.path;
    expect(await readFile(`${path}/a/b.txt`, "utf8")).toBe("one");
    await folder.replace("a/b.txt", "two");
    expect(await readFile(`${path}/a/b.txt`, "utf8")).toBe("two");
  }
  expect(existsSync(path)).toBe(false);
});

test("waits say what they waited for and what went wrong last", async () => {
  const failing = waitFor("the moon", () => Promise.reject(new Error("clouds")), { capMilliseconds: 20 });
  await expect(failing).rejects.toMatchObject({
    message: "the moon: not within 20 ms",
    cause: new Error("clouds"),
  });
  await expect(within("the sun", new Promise(() => {}), { capMilliseconds: 20 })).rejects.toThrow("the sun");
  expect(await waitFor("a zero", () => 0)).toBe(0);
});
