import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

/**
 * Runs the machine's npm under the Node of the project. Under an old Node npm resolves unpinned names to old majors
 * without a word, and writes that into the lock file.
 */
const folders = (process.env["PATH"] ?? "").split(delimiter);
const npm = folders.map((folder) => join(folder, "npm")).find((path) => existsSync(path));
if (npm === undefined) throw new Error("no npm on PATH");
const { status } = spawnSync(process.execPath, [realpathSync(npm), ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
