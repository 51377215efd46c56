#!/usr/bin/env node
/*
 * Starts Gatewright under a Node that can run it. Plain JavaScript that Node 18 can parse, because it is what the
 * caller's own Node sees first: machines still carry Node 20, on which undici 8 crashes at import.
 *
 * In a checkout the sources run directly (type stripping); a published package has no sources and runs its bundle.
 * Only the too-old case loads anything more: the usual case is one version test and one import.
 */
import { existsSync } from "node:fs";

/** The oldest Node that runs us: type stripping without a flag, `node:sqlite`, undici 8. */
const OLDEST = [22, 19];

const source = new URL("../src/main.ts", import.meta.url);
const bundle = new URL("../dist/gatewright.mjs", import.meta.url);
const entry = existsSync(source) ? source : bundle;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (entry === bundle && !existsSync(bundle)) {
  console.error(
    `gatewright: this copy is incomplete: neither ${source.pathname} nor ${bundle.pathname} exists.`,
  );
  process.exitCode = 1;
} else if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
  await import(entry.href);
} else {
  await runUnderPackagedNode();
}

/** Runs the entry under the Node from our own dependencies, as if that Node had been started in our place. */
async function runUnderPackagedNode() {
  const { spawn } = await import("node:child_process");
  const { constants } = await import("node:os");
  const { isatty } = await import("node:tty");
  const { fileURLToPath } = await import("node:url");

  const node = await packagedNode();
  if (node === undefined) return;

  let child; // set below; a signal may come first
  // A terminal sends SIGINT to the whole group, so the child has it already; a second one would read as "now!".
  const terminal = [0, 1, 2].some((fd) => isatty(fd));
  const handlers = new Map(
    ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2", "SIGINT"].map((signal) => [
      signal,
      () => {
        if (signal !== "SIGINT" || !terminal) child?.kill(signal);
      },
    ]),
  );
  for (const [signal, handler] of handlers) {
    try {
      process.on(signal, handler);
    } catch {
      // Not a signal of this platform (Windows).
    }
  }

  child = spawn(node, [...process.execArgv, fileURLToPath(entry), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  child.on("error", (error) => {
    console.error(`gatewright: cannot start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    // Die of the same signal, so that the caller sees what happened to the child.
    for (const [name, handler] of handlers) process.off(name, handler);
    process.kill(process.pid, signal);
    // Still here: we are process 1 of a container, or the signal does not kill this platform's processes.
    setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
  });
}

/** Path of the packaged Node; without one, says what to do and sets the exit code. */
async function packagedNode() {
  const { createRequire } = await import("node:module");
  const path = await import("node:path");
  const windows = process.platform === "win32";
  const name = `node-${windows ? "win" : process.platform}-${process.arch}`;
  try {
    const folder = path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    const node = path.join(folder, "bin", windows ? "node.exe" : "node");
    if (existsSync(node)) return node;
  } catch {
    // Not installed; told below.
  }
  console.error(
    [
      `gatewright: needs Node ${OLDEST.join(".")} or newer, and this is Node ${process.versions.node}.`,
      `The package ${name}, which brings a newer one, is not installed: either npm was told to leave out optional`,
      "dependencies (then run `npm ci --include=optional`) or there is none for this platform (then install Node 24).",
    ].join("\n"),
  );
  process.exitCode = 1;
  return undefined;
}
