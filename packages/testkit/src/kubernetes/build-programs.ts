import { spawn } from "node:child_process";
import { mkdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

interface Build {
  /** Path of the `go` command. */
  readonly go: string;
  /** Folder of the Go module. */
  readonly module: string;
  /** What the programs call themselves: a server without a version number does not start. */
  readonly version: string;
  /** Where they go. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** The names by which the one program is called; kubectl is the last to be linked and stands for "complete". */
const names = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"];

/**
 * Builds the one program that is all of them and links it under its names. Several processes may ask at once: one
 * builds, the others wait. Says on stderr every 20 s that it is still at it: the first time takes minutes.
 * @throws with Go's own words when it cannot build.
 */
export async function buildPrograms(build: Build): Promise<void> {
  await mkdir(build.folder, { recursive: true });
  const lock = join(build.folder, "building");
  for (let looks = 0; !(await take(lock)); looks++) {
    if (looks % 20 === 0) process.stderr.write(`another process builds the Kubernetes programs (${lock})\n`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  try {
    if (await exists(join(build.folder, "kubectl"))) return;
    await compile(build);
    for (const name of names) {
      const beside = join(build.folder, `${name}.${process.pid}`);
      await symlink("kubernetes", beside);
      await rename(beside, join(build.folder, name));
    }
  } finally {
    await rm(lock, { force: true });
  }
}

const PROGRESS_MILLISECONDS = 20_000;

async function compile({ go, module, version, folder, environment }: Build): Promise<void> {
  const [major = "", minor = ""] = version.replace(/^v/, "").split(".");
  const variables = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  const stamp = Object.entries(variables).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  );
  const beside = join(folder, `kubernetes.${process.pid}`);
  const ldflags = ["-s", "-w", ...stamp].join(" ");
  const flags = ["-trimpath", "-buildvcs=false", "-tags", "providerless", "-ldflags", ldflags, "-o", beside];
  const started = performance.now();
  process.stderr.write(`building Kubernetes ${version} for the tests, once: ${folder}\n`);
  const child = spawn(go, ["build", ...flags, "."], {
    cwd: module,
    env: { ...environment, CGO_ENABLED: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-20_000);
    });
  }
  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1000);
    const last = said.trimEnd().split("\n").at(-1) ?? "";
    process.stderr.write(`building Kubernetes: ${seconds} s${last === "" ? "" : `, ${last}`}\n`);
  }, PROGRESS_MILLISECONDS);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("close", resolve);
    });
    if (code !== 0) throw new Error(`go build in ${module} failed (${code}):\n${said}`);
    await rename(beside, join(folder, "kubernetes"));
  } finally {
    clearInterval(progress);
    await rm(beside, { force: true });
  }
}

/** Takes the lock, or takes it from a holder that is no more. False: somebody holds it. */
async function take(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const holder = Number(await readFile(lock, "utf8").catch(() => ""));
  const age = Date.now() - ((await stat(lock).catch(() => undefined))?.mtimeMs ?? Date.now());
  // A lock that is only just made may not have its number yet.
  if (holder > 0 ? !alive(holder) : age > PROGRESS_MILLISECONDS) await rm(lock, { force: true });
  return false;
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
