import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  type Exit,
  freePort,
  type RunningProcess,
  startProcess,
  temporaryFolder,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyContext } from "../tools/image/build-context.ts";
import { readDockerfile } from "../tools/image/dockerfile.ts";
import { commandIn, materialiseImage } from "../tools/image/materialise-image.ts";

/*
 * The image without a container engine: its final stage laid out in a folder in which nobody may write, and run from
 * there as the image's user (where the tests run as root; else as who they are), without home, temporary folder,
 * capabilities or anything of this machine's environment.
 */

const checkout = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const image = readDockerfile(readFileSync(join(checkout, "Dockerfile"), "utf8"));
const folder = await temporaryFolder();
const root = join(folder.path, "root");
/** The only place where the image's user may write. */
const scratch = join(folder.path, "scratch");

const megabyte = 1024 * 1024;

beforeAll(async () => {
  await materialiseImage(image, checkout, root);
  await mkdir(scratch);
  await chmod(scratch, 0o777);
  await chmod(folder.path, 0o755);
  for (const path of listed(root)) {
    const file = join(root, path);
    await chmod(file, statSync(file).mode & 0o555);
  }
  await chmod(root, 0o555);
});

afterAll(async () => {
  for (const path of ["", ...listed(root)]) {
    if (statSync(join(root, path)).isDirectory()) await chmod(join(root, path), 0o755);
  }
  await folder.remove();
});

/** Everything in a folder, as sorted relative paths. */
function listed(at: string): string[] {
  return (readdirSync(at, { recursive: true }) as string[]).sort();
}

const files = (): string[] => listed(root).filter((path) => statSync(join(root, path)).isFile());

/** Drops what a restricted pod has not, where there is something to drop. */
const drop =
  process.getuid?.() === 0
    ? [
        ...["setpriv", "--reuid=65532", "--regid=65532", "--clear-groups"],
        ...["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"],
      ]
    : [];

function run(
  command: readonly string[],
  args: readonly string[],
  environment: { readonly [name: string]: string } = {},
): RunningProcess {
  const [program = "", ...words] = [...drop, ...commandIn(root, command), ...args];
  const nothing = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return startProcess(program, words, {
    name: `image: ${[...command, ...args].join(" ")}`,
    folder: join(root, image.workingFolder),
    environment: {
      ...nothing,
      // For finding setpriv; in the image PATH is the one of the Dockerfile.
      PATH: process.env["PATH"],
      HOME: "/nonexistent",
      TMPDIR: "/nonexistent",
      ...environment,
    },
  });
}

/** What a container of the image runs with these arguments. */
function container(
  args: readonly string[],
  environment: { readonly [name: string]: string } = {},
): RunningProcess {
  return run(image.entrypoint, args, environment);
}

/** `gatewright …` as `kubectl exec` runs it: the kernel reads the first line, which names the image's Node. */
function exec(args: readonly string[]): RunningProcess {
  return run([image.entrypoint[0] ?? "", "/usr/local/bin/gatewright"], args);
}

async function ended(running: RunningProcess): Promise<Exit & { output: string }> {
  await using process = running;
  const exit = await process.exited;
  return { ...exit, output: `${process.stdout}${process.stderr}` };
}

const config = `model_list:
- model_name: echo
  litellm_params: {model: openai/echo, api_key: none, mock_response: pong}
`;

async function ask(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "echo", messages: [{ role: "user", content: "ping" }] }),
  });
  return answer.text();
}

test("holds the bundle, a command and licences, and nothing else", () => {
  const own = files().filter((path) => path !== "nodejs/bin/node");
  const others = own.filter((path) => !/^opt\/gatewright\/(gatewright|chunks\/[\w.-]+)\.mjs$/.test(path));
  expect(others).toEqual(["licenses/LICENSE", "licenses/third-party.txt", "usr/local/bin/gatewright"]);
  const size = (paths: string[]): number =>
    paths.reduce((sum, path) => sum + statSync(join(root, path)).size, 0);
  // The tokenizer is a table of 200,000 words and no code of anybody's; it is read when tokens are first counted.
  const tokenizer = own.filter((path) => /\/tokenizer-\w+\.mjs$/.test(path));
  expect(tokenizer).toHaveLength(1);
  expect(size(tokenizer)).toBeLessThan(4 * megabyte);
  expect(size(own) - size(tokenizer)).toBeLessThan(8 * megabyte);
});

test("its files are laid out for everybody to read, only the command to run, nobody but root to write", () => {
  const layout = join(checkout, "dist/image");
  for (const path of listed(layout)) {
    const stat = statSync(join(layout, path));
    const wanted = stat.isDirectory() || path === "usr/local/bin/gatewright" ? 0o755 : 0o644;
    expect(`${path} ${(stat.mode & 0o7777).toString(8)}`).toBe(`${path} ${wanted.toString(8)}`);
  }
});

test("holds no path of the machine it was built on, and no source maps", async () => {
  for (const path of files().filter((name) => name.endsWith(".mjs"))) {
    const text = await readFile(join(root, path), "utf8");
    expect(text.includes(checkout), `${path} names ${checkout}`).toBe(false);
  }
  expect(files().filter((path) => path.endsWith(".map"))).toEqual([]);
});

test("the licence of everything that is bundled goes along", async () => {
  const notices = await readFile(join(root, "licenses/third-party.txt"), "utf8");
  for (const name of ["undici", "yaml", "zod", "pino", "commander"]) {
    expect(notices).toMatch(new RegExp(`^${name} \\d+\\.`, "m"));
  }
});

test.each([
  { name: "the native gateway's", args: ["gateway"] },
  { name: "LiteLLM's", args: [] },
])("serves with $name arguments", async ({ args }) => {
  const port = await freePort();
  const file = await folder.write("config.yaml", config);
  await using gateway = container([...args, "--config", file, "--port", String(port)]);
  await gateway.line(/gateway serves/);
  expect(await ask(port)).toContain("pong");
  if (process.getuid?.() === 0) {
    expect(readFileSync(`/proc/${gateway.pid}/status`, "utf8")).toMatch(/^Uid:\s+65532\s/m);
    expect(readFileSync(`/proc/${gateway.pid}/status`, "utf8")).toMatch(/^CapEff:\s+0+$/m);
  }
  if (process.platform === "linux") {
    expect(readlinkSync(`/proc/${gateway.pid}/exe`)).toBe(join(root, "nodejs/bin/node"));
  }
  const health = await ended(exec(["health", "--url", `http://127.0.0.1:${port}`]));
  expect(health).toMatchObject({ code: 0 });
  // As process 1 of a container does it: one SIGTERM, and a clean end.
  expect(await gateway.stop()).toEqual({ code: 0, signal: null });
});

test("its own arguments are those of a gateway by the langop container contract", async () => {
  const port = await freePort();
  const files = join(checkout, "examples/model-files");
  await using gateway = container([
    ...[...image.command, "--port", String(port)],
    ...["--models", `${files}/models`, "--secrets", `${files}/secrets`],
  ]);
  await gateway.line(/gateway serves/);
  expect((await fetch(`http://127.0.0.1:${port}/health/readiness`)).status).toBe(200);
});

test("health of a gateway that is not there fails, without a shell", async () => {
  const command = await readFile(join(root, "usr/local/bin/gatewright"), "utf8");
  expect(command.split("\n")[0]).toBe(`#!${image.entrypoint[0]}`);
  expect(image.environment["PATH"]?.split(":")).toContain("/usr/local/bin");
  const health = await ended(exec(["health", "--url", `http://127.0.0.1:${await freePort()}`]));
  expect(health).toMatchObject({ code: 1, output: expect.stringContaining("does not answer") });
});

test("the operator is in it", async () => {
  expect(await ended(container(["operator", "--help"]))).toMatchObject({
    code: 0,
    output: expect.stringContaining("--watch-namespaces"),
  });
});

test("a gateway loads neither the operator nor the Kubernetes client", async () => {
  const bundle = join(root, "opt/gatewright");
  const names = listed(bundle).filter((path) => path.endsWith(".mjs"));
  const withClient = names.filter((path) =>
    readFileSync(join(bundle, path), "utf8").includes("KUBERNETES_SERVICE_HOST"),
  );
  expect(withClient).not.toEqual([]);
  const port = await freePort();
  const file = await folder.write("lazy.yaml", config);
  // V8 writes the scripts it knows when the process ends.
  await using gateway = container(["gateway", "--config", file, "--port", String(port)], {
    NODE_V8_COVERAGE: scratch,
  });
  await gateway.line(/gateway serves/);
  expect(await ask(port)).toContain("pong");
  await gateway.stop();
  const report = await waitFor("the list of scripts", async () => (await readdir(scratch))[0]);
  const { result } = JSON.parse(await readFile(join(scratch, report), "utf8")) as {
    result: { url: string }[];
  };
  const loaded = result.flatMap(({ url }) => names.filter((name) => url.endsWith(`/opt/gatewright/${name}`)));
  expect(loaded).toContain("gatewright.mjs");
  expect(loaded.filter((name) => withClient.includes(name) || /\/operator-/.test(name))).toEqual([]);
});

test("what the build gets of a checkout is enough to build it", async () => {
  await using context = await temporaryFolder();
  await copyContext(checkout, context.path, await readFile(join(checkout, ".dockerignore"), "utf8"));
  for (const name of ["package.json", "package-lock.json", ".npmrc", "packages/cli/package.json"]) {
    expect(statSync(join(context.path, name)).isFile()).toBe(true);
  }
  await linkDependencies(context.path);
  const build = await ended(
    startProcess(process.execPath, ["tools/build.ts"], { name: "build", folder: context.path }),
  );
  expect(build).toMatchObject({ code: 0 });
  const shape = (at: string): string[] =>
    listed(at).map((path) => path.replace(/-[A-Z0-9]{8}\.mjs$/, ".mjs"));
  expect(shape(join(context.path, "dist/image"))).toEqual(shape(join(checkout, "dist/image")));
});

/** In place of `npm ci`: the installed packages, with the project's own ones from the context. */
async function linkDependencies(at: string): Promise<void> {
  const modules = join(checkout, "node_modules");
  for (const name of await readdir(modules)) {
    if (name === "@gatewright" || name === ".bin") continue;
    const source = name === "gatewright" ? join(at, "packages/cli") : join(modules, name);
    await mkdir(join(at, "node_modules"), { recursive: true });
    await symlink(source, join(at, "node_modules", name));
  }
  await mkdir(join(at, "node_modules/@gatewright"));
  for (const name of await readdir(join(modules, "@gatewright"))) {
    await symlink(join(at, "packages", name), join(at, "node_modules/@gatewright", name));
  }
}
